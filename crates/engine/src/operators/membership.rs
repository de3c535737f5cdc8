//! IN.

use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::number::Integer;
use crate::value::{ContextValue, condition_text};

/// The members of a list, by text. Those that are the text of a 64-bit integer are kept as numbers, so that asking for
/// an integer builds no text.
#[derive(Debug, Default)]
pub(crate) struct Members {
    integers: HashSet<i64>,
    texts: HashSet<Box<str>>,
}

impl Members {
    /// Reads a JSON array, text that is a JSON array, or text separated by commas with its spaces kept. Anything else
    /// has no members.
    pub(crate) fn compile(value: &Value) -> Self {
        let mut members = Self::default();
        match value {
            Value::Array(items) => items.iter().for_each(|item| members.insert(condition_text(item))),
            Value::String(text) => match json_members(text) {
                Some(items) => items.into_iter().for_each(|item| members.insert(item)),
                None => text.split(',').for_each(|item| members.insert(item.to_owned())),
            },
            _ => {}
        }
        members
    }

    /// Text and integers are compared by their text; booleans and floats are never members.
    pub(crate) fn contain(&self, value: &ContextValue<'_>) -> bool {
        match value {
            ContextValue::Text(text) => self.texts.contains(&**text),
            ContextValue::Integer(Integer::Small(integer)) => self.integers.contains(integer),
            ContextValue::Integer(Integer::Large(digits)) => self.texts.contains(digits),
            ContextValue::Boolean(_) | ContextValue::Float(_) => false,
        }
    }

    fn insert(&mut self, text: String) {
        match text.parse::<i64>() {
            // "07" and "+7" read as 7 but are not its text.
            Ok(integer) if integer.to_string() == text => self.integers.insert(integer),
            _ => self.texts.insert(text.into()),
        };
    }
}

/// The members of text that is a JSON array; whole numbers of any length keep their digits.
fn json_members(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('[') {
        return None;
    }
    let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    items
        .into_iter()
        .map(|item| match Integer::from_digits(item.get()) {
            Some(integer) => Some(integer.to_string()),
            None => serde_json::from_str(item.get())
                .ok()
                .map(|item: Value| condition_text(&item)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(list: &Value, value: &Value, expected: bool) {
        let context = ContextValue::of_node(value).expect("a scalar");
        assert_eq!(
            Members::compile(list).contain(&context),
            expected,
            "{value} in {list}"
        );
    }

    #[test]
    fn members_are_texts() {
        check(&json!("1,2"), &json!(2), true);
        check(&json!("1, 2"), &json!(2), false);
        check(&json!("07,8"), &json!(7), false);
        check(&json!("[1, 2]"), &json!(2), true);
        check(&json!("[1.0]"), &json!("1.0"), false);
        check(&json!(["True"]), &json!(true), false);
        check(&json!([true]), &json!("True"), true);
        check(&json!("[not json"), &json!("[not json"), true);
        check(&json!(""), &json!(""), true);
        check(&json!(null), &json!("None"), false);
    }

    #[test]
    fn whole_numbers_of_any_length_are_members() {
        let long = "123456789012345678901234567890";
        check(&json!(format!("[{long}]")), &json!(long), true);
        check(&json!(long), &json!(long), true);
    }
}
