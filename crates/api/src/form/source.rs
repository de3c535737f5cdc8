//! Where the fields of a form come from.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Mode, Rule};

/// What a form is read from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    /// A JSON object.
    Object(&'a Map<String, Value>),
    /// Names and texts of a query or an HTML form.
    Pairs(&'a [(String, String)]),
    /// Neither: a complaint was made, and no field is looked at.
    Unreadable,
}

impl<'a> Source<'a> {
    /// Whether the field is named.
    pub(super) fn has(&self, name: &str) -> bool {
        match self {
            Self::Object(fields) => fields.contains_key(name),
            Self::Pairs(pairs) => pairs.iter().any(|(key, _)| key == name),
            Self::Unreadable => false,
        }
    }

    /// The value of a field as JSON, `None` when it is absent.
    ///
    /// An HTML form cannot say "null" or "absent": there, an empty text stands for null in a nullable field and for
    /// absence in an optional one, and a missing boolean is an unticked box. Lists are repeated names.
    pub(super) fn take<R: Rule>(
        &self,
        name: &str,
        rule: &R,
        mode: Mode,
        nullable: bool,
        required: bool,
    ) -> Option<Cow<'a, Value>> {
        let pairs = match self {
            Self::Object(fields) => return fields.get(name).map(Cow::Borrowed),
            Self::Unreadable => return None,
            Self::Pairs(pairs) => *pairs,
        };
        let mut values = pairs
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str());
        if R::LIST {
            let all: Vec<Value> = values.map(Value::from).collect();
            return (!all.is_empty()).then_some(Cow::Owned(Value::Array(all)));
        }
        match values.next_back() {
            Some("") if rule.takes_blank() => Some(Cow::Owned(Value::from(""))),
            Some("") if nullable => Some(Cow::Owned(Value::Null)),
            Some("") if !required => None,
            Some(value) => Some(Cow::Owned(Value::from(value))),
            None if mode == Mode::Patch => None,
            None => rule.unticked(nullable).map(Cow::Owned),
        }
    }
}
