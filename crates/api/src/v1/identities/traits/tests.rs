//! Which value the columns of a trait make.

use super::wire::TraitForm;
use crate::form::{Form, Mode};
use liftgate_app::{Error, Invalid};
use liftgate_model::identity::{Trait, TraitValue};
use liftgate_model::{IdentityId, Timestamp, TraitId};
use serde_json::{Value, json};

fn stored(value: TraitValue) -> Trait {
    Trait {
        id: TraitId(1),
        identity: IdentityId(1),
        key: "plan".into(),
        value,
        created_at: Timestamp(0),
    }
}

fn made(body: &Value, stored: Option<&Trait>) -> Result<(String, TraitValue), Value> {
    let mode = if stored.is_some() {
        Mode::Patch
    } else {
        Mode::Create
    };
    let form: TraitForm = Form::read(body, mode).map_err(crate::form::FieldError::into_value)?;
    form.over(stored).map_err(|error| match error {
        Error::Invalid(Invalid::Fields(fields)) => Value::Object(fields),
        other => panic!("{other:?}"),
    })
}

#[test]
fn the_column_of_the_type_counts() {
    let body = json!({"trait_key": "age", "value_type": "int", "integer_value": 7, "string_value": "x"});
    assert_eq!(made(&body, None), Ok(("age".into(), TraitValue::Integer(7))));
    let body = json!({"trait_key": "age", "integer_value": 7, "string_value": "x"});
    assert_eq!(
        made(&body, None),
        Ok(("age".into(), TraitValue::Text("x".into())))
    );
    let body = json!({"trait_key": "age", "value_type": "float", "float_value": 1});
    assert_eq!(made(&body, None), Ok(("age".into(), TraitValue::Float(1.0))));
    let body = json!({"trait_key": "age", "value_type": "bool", "boolean_value": "no"});
    assert_eq!(made(&body, None), Ok(("age".into(), TraitValue::Boolean(false))));
    let body = json!({"trait_key": "age", "value_type": "int", "integer_value": i64::MIN});
    assert_eq!(
        made(&body, None),
        Ok(("age".into(), TraitValue::Integer(i64::MIN)))
    );
}

#[test]
fn a_trait_always_has_a_value() {
    let required = Err(json!({"integer_value": ["This field is required."]}));
    let body = json!({"trait_key": "age", "value_type": "int", "string_value": "x"});
    assert_eq!(made(&body, None), required);
    let old = stored(TraitValue::Text("pro".into()));
    assert_eq!(made(&json!({"value_type": "int"}), Some(&old)), required);
    let null = Err(json!({"string_value": ["This field may not be null."]}));
    assert_eq!(made(&json!({"string_value": null}), Some(&old)), null);
    let large = json!({"trait_key": "a", "value_type": "int", "integer_value": u64::MAX});
    let message = "Ensure this value is less than or equal to 9223372036854775807.";
    assert_eq!(made(&large, None), Err(json!({"integer_value": [message]})));
}

#[test]
fn a_change_keeps_what_it_does_not_mention() {
    let old = stored(TraitValue::Text("pro".into()));
    let kept = Ok(("plan".into(), TraitValue::Text("pro".into())));
    assert_eq!(made(&json!({}), Some(&old)), kept);
    assert_eq!(made(&json!({"integer_value": 7}), Some(&old)), kept);
    let renamed = made(&json!({"trait_key": "tier", "string_value": ""}), Some(&old));
    assert_eq!(renamed, Ok(("tier".into(), TraitValue::Text(String::new()))));
}
