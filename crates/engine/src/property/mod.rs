//! Properties: where a condition finds its value.

mod path;
mod traits;

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::context::EvaluationContext;
use crate::value::ContextValue;
pub(crate) use traits::{Slot, TraitSlots};

/// A compiled property. A trait with the property's literal name comes first; a path is what else it may mean.
#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) slot: Slot,
    /// `None`: a trait key, a path that is not valid, or a path to nothing.
    pub(crate) path: Option<Path>,
}

/// What a JSONPath leads to.
#[derive(Debug)]
pub(crate) enum Path {
    /// A scalar of the definition, the same in every evaluation.
    Constant(ContextValue<'static>),
    /// `$.identity.identifier`.
    Identifier,
    /// `$.identity.key`.
    IdentityKey,
    /// Another member of the identity, by the names behind `$.identity`.
    Identity(Box<[String]>),
    /// A member of another flag's result, by the names behind the flag's.
    Flag {
        /// The index of the feature read.
        feature: usize,
        /// The names behind `$.flags.NAME`.
        member: Box<[String]>,
    },
    /// A path that may find more than one node; the first counts. Evaluated over the whole context without flags.
    Query(Box<JsonPath>),
}

/// Compiles properties and notes what they need.
pub(crate) struct PropertyCompiler<'c> {
    pub(crate) traits: TraitSlots,
    /// Whether any property reads a flag.
    pub(crate) reads_flags: bool,
    /// Whether any property needs the context as a document.
    pub(crate) queries: bool,
    context: &'c EvaluationContext,
    feature_index: &'c dyn Fn(&str) -> Option<usize>,
    definition: Option<Map<String, Value>>,
}

impl<'c> PropertyCompiler<'c> {
    pub(crate) fn new(
        context: &'c EvaluationContext,
        feature_index: &'c dyn Fn(&str) -> Option<usize>,
    ) -> Self {
        Self {
            traits: TraitSlots::default(),
            reads_flags: false,
            queries: false,
            context,
            feature_index,
            definition: None,
        }
    }

    pub(crate) fn compile(&mut self, property: &str) -> Property {
        Property {
            slot: self.traits.slot(property),
            path: if property.starts_with("$.") {
                self.path(property)
            } else {
                None
            },
        }
    }

    fn path(&mut self, property: &str) -> Option<Path> {
        let Some(names) = path::names(property) else {
            let query = path::query(property)?;
            self.queries = true;
            return Some(Path::Query(Box::new(query)));
        };
        let (root, names) = names.split_first()?;
        match (root.as_str(), names) {
            ("identity", [name]) if name == "identifier" => Some(Path::Identifier),
            ("identity", [name]) if name == "key" => Some(Path::IdentityKey),
            ("identity", names) => Some(Path::Identity(names.into())),
            ("flags", [name, member @ ..]) => {
                self.reads_flags = true;
                Some(Path::Flag {
                    feature: (self.feature_index)(name)?,
                    member: member.into(),
                })
            }
            ("flags", []) => None,
            ("environment", [name]) if name == "name" => Some(text(&self.context.environment.name)),
            ("environment", [name]) if name == "key" => Some(text(&self.context.environment.key)),
            _ => {
                let member = self.definition().get(root)?;
                ContextValue::of_node(walk(member, names)?).map(|value| Path::Constant(value.into_owned()))
            }
        }
    }

    /// The context without its identity, as a document. Taken by the environment when a query needs it.
    pub(crate) fn definition(&mut self) -> &mut Map<String, Value> {
        self.definition
            .get_or_insert_with(|| definition_document(self.context))
    }
}

/// The node that names lead to from a value.
pub(crate) fn walk<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names
        .iter()
        .try_fold(value, |value, name| value.as_object()?.get(name))
}

fn text(value: &str) -> Path {
    Path::Constant(ContextValue::of_text(value).into_owned())
}

fn definition_document(context: &EvaluationContext) -> Map<String, Value> {
    let document = |value: Result<Value, _>| value.unwrap_or_default();
    let mut members = Map::new();
    members.insert(
        "environment".to_owned(),
        document(serde_json::to_value(&context.environment)),
    );
    members.insert(
        "features".to_owned(),
        document(serde_json::to_value(&context.features)),
    );
    members.insert(
        "segments".to_owned(),
        document(serde_json::to_value(&context.segments)),
    );
    for (name, value) in &context.other {
        members.insert(name.clone(), value.clone());
    }
    members
}
