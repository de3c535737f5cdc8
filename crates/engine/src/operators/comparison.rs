//! EQUAL, NOT_EQUAL and the four orderings.
//!
//! The condition's text is cast to the type of the context value; every cast is done once, when the condition is
//! compiled. A failed cast is false, for NOT_EQUAL too.

use std::cmp::Ordering;

use semver::Version;
use serde_json::Value;

use crate::number::{self, Integer};
use crate::value::ContextValue;

/// Text ending in this compares as a semantic version.
const SEMVER_SUFFIX: &str = ":semver";

/// Which outcomes of a comparison are true.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    /// `None` is the comparison with a not-a-number, of which only "not equal" is true.
    fn accepts(self, ordering: Option<Ordering>) -> bool {
        match self {
            Self::Equal => ordering == Some(Ordering::Equal),
            Self::NotEqual => ordering != Some(Ordering::Equal),
            Self::Greater => ordering == Some(Ordering::Greater),
            Self::GreaterOrEqual => ordering.is_some_and(Ordering::is_ge),
            Self::Less => ordering == Some(Ordering::Less),
            Self::LessOrEqual => ordering.is_some_and(Ordering::is_le),
        }
    }
}

/// A condition's value, cast to every type that a context value may have. `None`: the cast fails.
#[derive(Debug)]
pub(crate) struct Operand {
    text: TextOperand,
    integer: Option<Integer>,
    float: Option<f64>,
    boolean: bool,
}

/// What a text value is compared with.
#[derive(Debug)]
enum TextOperand {
    /// Text, by code point.
    Plain(Box<str>),
    /// A semantic version, by precedence.
    Version(Box<Version>),
    /// Nothing: a version that is none, or a value that is not text.
    Incomparable,
}

impl Operand {
    pub(crate) fn compile(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::of_text(text),
            // The reference compares with the name it prints for null.
            Value::Null => Self::of_text(&crate::value::condition_text(value)),
            Value::Bool(boolean) => {
                Self::of_number(Some(Integer::Small(i64::from(*boolean))), f64::from(*boolean))
            }
            Value::Number(number) => Self::of_number(
                Integer::from_digits(&number.to_string()).or_else(|| truncated(number::value(number))),
                number::value(number),
            ),
            Value::Array(_) | Value::Object(_) => Self {
                text: TextOperand::Incomparable,
                integer: None,
                float: None,
                boolean: true,
            },
        }
    }

    fn of_text(text: &str) -> Self {
        Self {
            text: match version_text(text) {
                None => TextOperand::Plain(text.into()),
                Some(version) => Version::parse(version).map_or(TextOperand::Incomparable, |version| {
                    TextOperand::Version(Box::new(version))
                }),
            },
            integer: Integer::cast(text),
            float: number::float::cast(text),
            boolean: !matches!(text, "False" | "false"),
        }
    }

    fn of_number(integer: Option<Integer>, float: f64) -> Self {
        Self {
            text: TextOperand::Incomparable,
            integer,
            float: Some(float),
            // Only the two spellings of false are false, and a number is neither.
            boolean: true,
        }
    }

    pub(crate) fn compare(&self, comparison: Comparison, value: &ContextValue<'_>) -> bool {
        match value {
            ContextValue::Boolean(boolean) => comparison.accepts(Some(boolean.cmp(&self.boolean))),
            ContextValue::Integer(integer) => self
                .integer
                .as_ref()
                .is_some_and(|operand| comparison.accepts(Some(integer.cmp(operand)))),
            ContextValue::Float(float) => self
                .float
                .is_some_and(|operand| comparison.accepts(float.partial_cmp(&operand))),
            ContextValue::Text(text) => match &self.text {
                TextOperand::Plain(operand) => comparison.accepts(Some((**text).cmp(operand))),
                TextOperand::Version(operand) => Version::parse(text)
                    .is_ok_and(|version| comparison.accepts(Some(version.cmp_precedence(operand)))),
                TextOperand::Incomparable => false,
            },
        }
    }
}

/// Whether the text asks for comparison as a semantic version, and the text without that request.
pub(super) fn version_text(text: &str) -> Option<&str> {
    text.strip_suffix(SEMVER_SUFFIX)
}

/// The whole part of a number given as a JSON float.
fn truncated(value: f64) -> Option<Integer> {
    Integer::from_digits(&format!("{:.0}", value.trunc()))
}
