//! The value of a flag, in the encodings of the contract (admin API, section 4.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The value of a feature state or of a multivariate option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlagValue {
    /// No value; shows as `null`.
    Null,
    /// Text of at most 20,000 characters.
    Text(String),
    /// A 32-bit signed integer.
    Integer(i32),
    /// True or false.
    Boolean(bool),
}

impl FlagValue {
    /// Reads the text of a feature's `initial_value`: `true`/`false` in any case is a boolean, integer text an integer,
    /// anything else text; no text is no value.
    pub fn from_initial(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Null };
        if text.eq_ignore_ascii_case("true") {
            Self::Boolean(true)
        } else if text.eq_ignore_ascii_case("false") {
            Self::Boolean(false)
        } else {
            parse_integer(text).map_or_else(|| Self::Text(text.to_owned()), Self::Integer)
        }
    }

    /// The plain encoding: a JSON integer, string, boolean or null.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => Value::from(text.as_str()),
            Self::Integer(number) => Value::from(*number),
            Self::Boolean(truth) => Value::from(*truth),
        }
    }

    /// The value as text: what a feature shows as `initial_value`-like text, integers and booleans spelled out.
    pub fn to_text(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => truth.to_string(),
        }
    }
}

/// What lies in the columns that the type of a value does not name: a value of before, or the feature's initial one. It
/// is shown beside the value in the columns encoding, and is never read as the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftovers {
    /// The column of texts.
    pub text: Option<String>,
    /// The column of integers.
    pub integer: Option<i32>,
    /// The column of booleans.
    pub boolean: Option<bool>,
}

impl From<FlagValue> for Leftovers {
    fn from(value: FlagValue) -> Self {
        let mut columns = Self::default();
        match value {
            FlagValue::Null => {}
            FlagValue::Text(text) => columns.text = Some(text),
            FlagValue::Integer(number) => columns.integer = Some(number),
            FlagValue::Boolean(truth) => columns.boolean = Some(truth),
        }
        columns
    }
}

/// Reads integer text as the reference does: blanks around it and a sign are allowed, 32 bits are the limit.
pub fn parse_integer(text: &str) -> Option<i32> {
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_values_are_typed_by_their_text() {
        assert_eq!(FlagValue::from_initial(None), FlagValue::Null);
        assert_eq!(FlagValue::from_initial(Some("42")), FlagValue::Integer(42));
        assert_eq!(FlagValue::from_initial(Some("TRUE")), FlagValue::Boolean(true));
        assert_eq!(
            FlagValue::from_initial(Some("1.5")),
            FlagValue::Text("1.5".into())
        );
        assert_eq!(
            FlagValue::from_initial(Some("3000000000")),
            FlagValue::Text("3000000000".into())
        );
        assert_eq!(FlagValue::from_initial(Some("")), FlagValue::Text(String::new()));
    }
}
