//! What an identity was when it was exposed: members of an exposure's metadata and traits.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Characters of a value that is told from others; longer ones are all the same.
pub(crate) const MAX_LEVEL_CHARACTERS: usize = 255;

/// A member of an exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// A text, or a number or a boolean as JSON writes it.
    Value(String),
    TooLong,
    /// There is none, or none of these types.
    Absent,
}

/// The members of those names: of the metadata, else of the traits.
pub(crate) fn attributes(names: &[String], metadata: &str, traits: &str) -> Vec<Attribute> {
    let metadata = members(metadata);
    let mut found: Vec<Attribute> = names.iter().map(|name| attribute(&metadata, name)).collect();
    if found.contains(&Attribute::Absent) {
        let traits = members(traits);
        for (found, name) in found.iter_mut().zip(names) {
            if *found == Attribute::Absent {
                *found = attribute(&traits, name);
            }
        }
    }
    found
}

/// What is no object has no members.
fn members(json: &str) -> BTreeMap<Cow<'_, str>, &RawValue> {
    serde_json::from_str(json).unwrap_or_default()
}

fn attribute(members: &BTreeMap<Cow<'_, str>, &RawValue>, name: &str) -> Attribute {
    let Some(raw) = members.get(name).map(|member| member.get()) else {
        return Attribute::Absent;
    };
    let text: Cow<'_, str> = match raw.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<String>(raw) {
            Ok(text) => text.into(),
            Err(_) => return Attribute::Absent,
        },
        Some(b't' | b'f' | b'-' | b'0'..=b'9') => raw.into(),
        _ => return Attribute::Absent,
    };
    if text.chars().nth(MAX_LEVEL_CHARACTERS).is_some() {
        Attribute::TooLong
    } else {
        Attribute::Value(text.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(metadata: &str, traits: &str) -> Attribute {
        let mut found = attributes(&["a".to_owned()], metadata, traits);
        found.remove(0)
    }

    #[test]
    fn texts_numbers_and_booleans_are_values() {
        let value = |text: &str| Attribute::Value(text.to_owned());
        assert_eq!(one(r#"{"b": 1, "a": "x\n"}"#, ""), value("x\n"));
        assert_eq!(one(r#"{"a": ""}"#, ""), value(""));
        assert_eq!(one(r#"{"a": -1.50}"#, ""), value("-1.50"));
        assert_eq!(one(r#"{"a": true}"#, ""), value("true"));
        for metadata in [
            "",
            "null",
            "[]",
            "{",
            "{}",
            r#"{"a": null}"#,
            r#"{"a": ["x"]}"#,
            r#"{"b": {"a": "x"}}"#,
        ] {
            assert_eq!(one(metadata, ""), Attribute::Absent, "{metadata}");
        }
    }

    #[test]
    fn traits_stand_in_for_what_the_metadata_lack() {
        let value = |text: &str| Attribute::Value(text.to_owned());
        assert_eq!(one(r#"{"a": "m"}"#, r#"{"a": "t"}"#), value("m"));
        assert_eq!(one(r#"{"a": null}"#, r#"{"a": "t"}"#), value("t"));
        assert_eq!(one("", r#"{"a": false}"#), value("false"));
    }

    #[test]
    fn values_that_are_too_long_are_not_told_apart() {
        let of = |length: usize| one(&format!(r#"{{"a": "{}"}}"#, "ü".repeat(length)), "");
        assert_eq!(
            of(MAX_LEVEL_CHARACTERS),
            Attribute::Value("ü".repeat(MAX_LEVEL_CHARACTERS))
        );
        assert_eq!(of(MAX_LEVEL_CHARACTERS + 1), Attribute::TooLong);
    }
}
