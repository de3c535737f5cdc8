//! What was read about an identity, ready to evaluate and to answer with.

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
    /// A JSON array.
    pub(super) traits_json: Box<[u8]>,
}

#[derive(Serialize)]
struct TraitWire<'a> {
    id: Option<i32>,
    trait_key: &'a str,
    trait_value: Value,
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
        let mut traits: IndexMap<&str, Option<TraitWire<'_>>> = IndexMap::new();
        for stored in stored {
            let wire = TraitWire {
                id: Some(stored.id.0),
                trait_key: &stored.key,
                trait_value: trait_json(&stored.value),
                transient: false,
            };
            traits.insert(&stored.key, Some(wire));
        }
        for sent in sent {
            let wire = sent.value.as_ref().map(|value| TraitWire {
                id: None,
                trait_key: &sent.key,
                trait_value: trait_json(value),
                transient: sent.is_transient,
            });
            traits.insert(&sent.key, wire);
        }
        let traits: Vec<TraitWire<'_>> = traits.into_values().flatten().collect();
        let traits_json = json(&traits).into();
        let traits = traits
            .into_iter()
            .map(|wire| (wire.trait_key.to_owned(), wire.trait_value));
        Self {
            traits_json,
            context: IdentityContext {
                identifier: identifier.to_owned(),
                // None: the engine composes `<environment key>_<identifier>`.
                key: None,
                traits: traits.collect(),
                other: Map::new(),
            },
        }
    }
}
