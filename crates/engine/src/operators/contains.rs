//! CONTAINS.

use semver::Version;
use serde_json::Value;

use super::comparison::version_text;
use crate::value::ContextValue;

/// What a text value has to contain.
///
/// # Compatibility
/// The reference parses both sides as semantic versions when the condition ends in `:semver`, as it does for the
/// comparisons; a version then "contains" its own pre-release and its own build label, and nothing else.
#[derive(Debug)]
pub(crate) enum Needle {
    /// A part of the text.
    Text(Box<str>),
    /// A label of the version.
    VersionLabel(Box<str>),
}

impl Needle {
    /// `None`: the value is not text, which no text contains.
    pub(crate) fn compile(value: &Value) -> Option<Self> {
        let text = match value {
            Value::String(_) | Value::Null => crate::value::condition_text(value),
            _ => return None,
        };
        Some(match version_text(&text) {
            Some(label) => Self::VersionLabel(label.into()),
            None => Self::Text(text.into()),
        })
    }

    pub(crate) fn is_in(&self, value: &ContextValue<'_>) -> bool {
        let ContextValue::Text(text) = value else {
            return false;
        };
        match self {
            Self::Text(needle) => text.contains(&**needle),
            Self::VersionLabel(label) => {
                !label.is_empty()
                    && Version::parse(text)
                        .is_ok_and(|version| *version.pre == **label || *version.build == **label)
            }
        }
    }
}
