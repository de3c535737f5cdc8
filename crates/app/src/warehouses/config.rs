//! The settings of a connection by type: which there are, their defaults, and what is accepted.

use super::{is_nothing, member_faults, network};
use crate::error::{Error, Result};
use liftgate_model::warehouse::WarehouseType;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

const FIELD: &str = "config";

/// The settings that result when some are given: over the stored ones, or over the type's defaults where nothing of
/// that type is stored. `None` for the built-in store, which has none.
///
/// # Errors
/// `Invalid` on `config`.
pub(super) fn settle(
    kind: WarehouseType,
    given: Option<&Value>,
    stored: Option<&Value>,
    allow_internal: bool,
) -> Result<Option<Value>> {
    let given = given.filter(|value| !is_nothing(value));
    if kind == WarehouseType::Flagsmith {
        return match given {
            None => Ok(None),
            Some(_) => Err(Error::field(
                FIELD,
                "Flagsmith warehouse does not accept configuration.",
            )),
        };
    }
    let given = match given {
        None => Cow::Owned(Map::new()),
        Some(Value::Object(members)) => Cow::Borrowed(members),
        Some(_) => return Err(Error::field(FIELD, "Must be an object.")),
    };
    let defaults = defaults(kind);
    let unknown: Vec<_> = given
        .keys()
        .filter(|name| !defaults.contains_key(*name))
        .map(|name| (name.clone(), "Unknown field."))
        .collect();
    if !unknown.is_empty() {
        return Err(member_faults(FIELD, unknown));
    }
    if kind == WarehouseType::Snowflake {
        let texts = given.iter().find(|(_, value)| !value.is_string());
        texts.map_or(Ok(()), |(name, _)| Err(fault(name, "Must be a string.")))?;
    }
    let mut settled = defaults;
    if let Some(Value::Object(stored)) = stored {
        settled.extend(stored.clone());
    }
    settled.extend(given.into_owned());
    match kind {
        WarehouseType::Clickhouse => check_clickhouse(&settled, allow_internal)?,
        _ if text(&settled, "account_identifier").is_empty() => {
            return Err(fault("account_identifier", "This field is required."));
        }
        _ => {}
    }
    Ok(Some(Value::Object(settled)))
}

/// Every setting of a type, with its default; an empty text must be replaced.
fn defaults(kind: WarehouseType) -> Map<String, Value> {
    let defaults = match kind {
        WarehouseType::Flagsmith => json!({}),
        WarehouseType::Snowflake => json!({
            "account_identifier": "",
            "warehouse": "COMPUTE_WH",
            "database": "FLAGSMITH",
            "schema": "ANALYTICS",
            "role": "FLAGSMITH_LOADER",
            "user": "FLAGSMITH_SERVICE",
        }),
        WarehouseType::Clickhouse => json!({
            "host": "",
            "port": 8443,
            "database": "flagsmith_exp",
            "username": "default",
            "secure": true,
        }),
    };
    match defaults {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn check_clickhouse(settled: &Map<String, Value>, allow_internal: bool) -> Result<()> {
    let host = text(settled, "host");
    if host.is_empty() {
        return Err(fault("host", "This field is required."));
    }
    if !allow_internal && network::is_internal(host) {
        return Err(fault(
            "host",
            "Host must not target internal or private network addresses.",
        ));
    }
    let port = settled.get("port").and_then(Value::as_i64);
    if port.is_none_or(|port| !(1..=65_535).contains(&port)) {
        return Err(fault("port", "Enter a valid port number (1-65535)."));
    }
    for name in ["database", "username"] {
        if text(settled, name).is_empty() {
            return Err(fault(name, "Must be a non-empty string."));
        }
    }
    if !settled.get("secure").is_some_and(Value::is_boolean) {
        return Err(fault("secure", "Must be a boolean."));
    }
    Ok(())
}

/// A text setting; empty when it is no text.
fn text<'a>(settled: &'a Map<String, Value>, name: &str) -> &'a str {
    settled.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn fault(name: &str, message: &'static str) -> Error {
    member_faults(FIELD, [(name.to_owned(), message)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Invalid;

    fn fields(result: Result<Option<Value>>) -> Value {
        match result {
            Err(Error::Invalid(Invalid::Fields(fields))) => Value::Object(fields),
            other => panic!("{other:?}"),
        }
    }

    fn clickhouse(given: &Value) -> Result<Option<Value>> {
        settle(WarehouseType::Clickhouse, Some(given), None, false)
    }

    #[test]
    fn defaults_are_filled_in_and_stored_settings_stay() {
        let first = clickhouse(&json!({"host": "ch.example.com"})).unwrap().unwrap();
        assert_eq!(
            first,
            json!({"host": "ch.example.com", "port": 8443, "database": "flagsmith_exp",
                "username": "default", "secure": true})
        );
        let second = settle(
            WarehouseType::Clickhouse,
            Some(&json!({"port": 9440})),
            Some(&first),
            false,
        );
        let second = second.unwrap().unwrap();
        assert_eq!(
            (&second["host"], &second["port"]),
            (&json!("ch.example.com"), &json!(9440))
        );
        let kept = settle(
            WarehouseType::Clickhouse,
            Some(&Value::Null),
            Some(&second),
            false,
        );
        assert_eq!(kept.unwrap().unwrap(), second);
    }

    #[test]
    fn complaints_are_plain_texts_by_member() {
        let complaint = |given: Value| fields(clickhouse(&given))["config"].clone();
        assert_eq!(complaint(json!({})), json!({"host": "This field is required."}));
        assert_eq!(
            complaint(json!({"host": 7})),
            json!({"host": "This field is required."})
        );
        assert_eq!(
            complaint(json!({"b": 1, "a": 1})),
            json!({"b": "Unknown field.", "a": "Unknown field."})
        );
        for port in [
            json!(0),
            json!(65_536),
            json!(true),
            json!("8443"),
            json!(8443.5),
            json!(null),
        ] {
            let expected = json!({"port": "Enter a valid port number (1-65535)."});
            assert_eq!(
                complaint(json!({"host": "ch.example.com", "port": port})),
                expected
            );
        }
        for name in ["database", "username"] {
            let mut given = json!({"host": "ch.example.com"});
            given[name] = json!("");
            assert_eq!(complaint(given)[name], "Must be a non-empty string.");
        }
        assert_eq!(
            complaint(json!({"host": "ch.example.com", "secure": 1})),
            json!({"secure": "Must be a boolean."})
        );
        assert_eq!(complaint(json!([1])), json!(["Must be an object."]));
        assert_eq!(
            complaint(json!({"host": "localhost"})),
            json!({"host": "Host must not target internal or private network addresses."})
        );
        let allowed = settle(
            WarehouseType::Clickhouse,
            Some(&json!({"host": "localhost"})),
            None,
            true,
        );
        assert!(allowed.is_ok());
    }

    #[test]
    fn snowflake_takes_text_only_and_flagsmith_nothing() {
        let snowflake = |given: Value| settle(WarehouseType::Snowflake, Some(&given), None, false);
        assert_eq!(
            fields(snowflake(json!({"account_identifier": 7}))),
            json!({"config": {"account_identifier": "Must be a string."}})
        );
        assert_eq!(
            fields(snowflake(json!({}))),
            json!({"config": {"account_identifier": "This field is required."}})
        );
        let good = snowflake(json!({"account_identifier": "acc"})).unwrap().unwrap();
        assert_eq!(good["warehouse"], "COMPUTE_WH");
        let flagsmith = |given: Value| settle(WarehouseType::Flagsmith, Some(&given), None, false);
        assert_eq!(flagsmith(json!({})).unwrap(), None);
        assert_eq!(
            fields(flagsmith(json!({"host": "x"}))),
            json!({"config": ["Flagsmith warehouse does not accept configuration."]})
        );
    }
}
