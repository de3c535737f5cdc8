//! What was read about an identity, ready to evaluate and to answer with.

use std::sync::OnceLock;

use indexmap::IndexMap;
use liftgate_engine::IdentityContext;
use liftgate_model::Timestamp;
use liftgate_model::identity::Trait;
use serde::Serialize;
use serde_json::{Map, Value};

use super::sent::trait_json;
use super::{SentTrait, StoredIdentity};
use crate::snapshot::json;

/// What the source said about an identifier.
#[derive(Debug)]
pub(super) struct Known {
    /// `None`: there is no such identity.
    pub(super) stored: Option<StoredIdentity>,
    /// The stored traits as they count and as they are shown.
    pub(super) view: IdentityView,
    /// When the source said so.
    pub(super) read_at: Timestamp,
}

/// An identity to evaluate, and its traits as answers show them.
#[derive(Debug)]
pub(super) struct IdentityView {
    pub(super) context: IdentityContext,
    /// Of each trait of the context, in its order.
    origins: Box<[Origin]>,
    /// Made when it is first asked for: not every answer shows traits.
    traits_json: OnceLock<Box<[u8]>>,
}

/// Where a trait comes from.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// `None`: it is not stored.
    id: Option<i32>,
    is_transient: bool,
}

#[derive(Serialize)]
struct TraitWire<'a> {
    id: Option<i32>,
    trait_key: &'a str,
    trait_value: &'a Value,
    transient: bool,
}

impl Known {
    pub(super) fn new(identifier: &str, stored: Option<StoredIdentity>, read_at: Timestamp) -> Self {
        let traits = stored.as_ref().map_or(&[][..], |stored| &stored.traits);
        Self {
            view: IdentityView::new(identifier, traits, &[]),
            stored,
            read_at,
        }
    }
}

impl IdentityView {
    /// An identity with its stored traits and those that count for one call only, the last of a key winning.
    pub(super) fn new(identifier: &str, stored: &[Trait], sent: &[SentTrait]) -> Self {
        let mut traits: IndexMap<&str, Option<(Origin, Value)>> = IndexMap::new();
        for stored in stored {
            let origin = Origin {
                id: Some(stored.id.0),
                is_transient: false,
            };
            traits.insert(&stored.key, Some((origin, trait_json(&stored.value))));
        }
        for sent in sent {
            let origin = Origin {
                id: None,
                is_transient: sent.is_transient,
            };
            let counted = sent.value.as_ref().map(|value| (origin, trait_json(value)));
            traits.insert(&sent.key, counted);
        }
        let counted = traits
            .into_iter()
            .filter_map(|(key, counted)| counted.map(|(origin, value)| (origin, (key.to_owned(), value))));
        let (origins, traits): (Vec<Origin>, Map<String, Value>) = counted.unzip();
        Self {
            context: IdentityContext {
                identifier: identifier.to_owned(),
                // None: the engine composes `<environment key>_<identifier>`.
                key: None,
                traits,
                other: Map::new(),
            },
            origins: origins.into(),
            traits_json: OnceLock::new(),
        }
    }

    /// The traits as answers show them: a JSON array.
    pub(super) fn traits_json(&self) -> &[u8] {
        self.traits_json.get_or_init(|| {
            let traits = self.context.traits.iter().zip(&self.origins);
            let wires = traits.map(|((key, value), origin)| TraitWire {
                id: origin.id,
                trait_key: key,
                trait_value: value,
                transient: origin.is_transient,
            });
            json(&wires.collect::<Vec<_>>()).into()
        })
    }
}
