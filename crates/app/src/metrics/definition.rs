//! What a metric is computed from.

use serde_json::Value;

/// A definition that was checked: an object with a supported `version` and the name of an `event`. Other members are
/// the client's own and are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDefinition(Value);

/// The only version there is.
const VERSION: i64 = 1;

impl MetricDefinition {
    /// Checks a definition.
    ///
    /// # Errors
    /// The contract's complaint.
    ///
    /// # Compatibility
    /// The contract's server takes a version of `true`, because it is one that counts booleans as numbers; here it is
    /// refused.
    pub fn new(value: Value) -> Result<Self, &'static str> {
        let Value::Object(members) = &value else {
            return Err("Definition must be an object.");
        };
        if members.get("version").and_then(Value::as_i64) != Some(VERSION) {
            return Err("Definition must specify a supported 'version'.");
        }
        let event = members.get("event").and_then(Value::as_str);
        if event.is_none_or(str::is_empty) {
            return Err("Definition must specify a non-empty 'event'.");
        }
        Ok(Self(value))
    }

    /// The definition as JSON.
    pub fn into_value(self) -> Value {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_definition_names_a_version_and_an_event() {
        let version = Err("Definition must specify a supported 'version'.");
        let event = Err("Definition must specify a non-empty 'event'.");
        let check = |value| MetricDefinition::new(value).map(MetricDefinition::into_value);
        let good = json!({"version": 1, "event": "purchase", "colour": "red"});
        assert_eq!(check(good.clone()), Ok(good));
        assert_eq!(check(json!("purchase")), Err("Definition must be an object."));
        assert_eq!(check(json!(["purchase"])), Err("Definition must be an object."));
        for bad in [json!(2), json!("1"), json!(true), json!(1.5), json!(null)] {
            assert_eq!(check(json!({"version": bad, "event": "purchase"})), version);
        }
        assert_eq!(check(json!({"event": "purchase"})), version);
        for bad in [json!(""), json!(7), json!(null), json!(["a"])] {
            assert_eq!(check(json!({"version": 1, "event": bad})), event);
        }
        assert_eq!(check(json!({"version": 1})), event);
    }
}
