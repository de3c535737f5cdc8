//! Every encoding, in both directions.

use super::*;
use crate::form::{Form, Mode, Parse};
use liftgate_app::flags::ValueEdit;
use liftgate_model::FlagValue;
use serde_json::{Value, json};

struct Body(Option<NewPlain>);

impl Parse for Body {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        NewPlain::field(form, "v").map(Self)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is called with literals")]
fn plain(value: Value) -> Result<FlagValue, Value> {
    Form::read::<Body>(&json!({"v": value}), Mode::Patch)
        .map(|body| body.0.unwrap().0)
        .map_err(crate::form::FieldError::into_value)
}

fn typed(body: &Value) -> Result<FlagValue, Value> {
    Form::read::<TypedText>(body, Mode::Create)
        .map(Into::into)
        .map_err(crate::form::FieldError::into_value)
}

fn columns(body: &Value, stored: &FlagValue) -> Result<FlagValue, Value> {
    Form::read::<NewColumns>(body, Mode::Patch)
        .map(|columns| ValueEdit::from(columns).over(stored))
        .map_err(crate::form::FieldError::into_value)
}

fn text(text: &str) -> FlagValue {
    FlagValue::Text(text.to_owned())
}

#[test]
fn plain_values_keep_their_json_type_and_everything_else_becomes_text() {
    assert_eq!(plain(json!(7)), Ok(FlagValue::Integer(7)));
    assert_eq!(plain(json!(false)), Ok(FlagValue::Boolean(false)));
    assert_eq!(plain(json!("  a b ")), Ok(text("a b")));
    assert_eq!(plain(json!("")), Ok(text("")));
    assert_eq!(plain(json!("7")), Ok(text("7")));
    assert_eq!(plain(json!(1.5)), Ok(text("1.5")));
    assert_eq!(plain(json!(null)), Ok(FlagValue::Null));
    assert_eq!(plain(json!({"a": 1})), Ok(text("{\"a\":1}")));
}

#[test]
fn plain_values_out_of_bounds_are_refused_by_column() {
    let large = "Ensure this value is less than or equal to 2147483647.";
    assert_eq!(
        plain(json!(2_147_483_648_i64)),
        Err(json!({"integer_value": [large]}))
    );
    let long = "Ensure this field has no more than 20000 characters.";
    assert_eq!(
        plain(json!("x".repeat(20_001))),
        Err(json!({"string_value": [long]}))
    );
    assert_eq!(plain(json!("x".repeat(20_000))), Ok(text(&"x".repeat(20_000))));
}

#[test]
fn a_plain_value_may_be_missing() {
    let body = Form::read::<Body>(&json!({}), Mode::Patch).unwrap();
    assert_eq!(body.0, None);
}

#[test]
fn columns_count_only_where_the_type_points() {
    let stored = FlagValue::Integer(7);
    let given = json!({"type": "unicode", "string_value": " x ", "integer_value": 3});
    assert_eq!(columns(&given, &stored), Ok(text("x")));
    assert_eq!(
        columns(&json!({"integer_value": "8"}), &stored),
        Ok(FlagValue::Integer(8))
    );
    assert_eq!(
        columns(&json!({"string_value": "x"}), &stored),
        Ok(FlagValue::Integer(7))
    );
    assert_eq!(
        columns(&json!({"type": "int"}), &stored),
        Ok(FlagValue::Integer(7))
    );
    assert_eq!(columns(&json!({"type": "bool"}), &stored), Ok(FlagValue::Null));
    assert_eq!(
        columns(&json!({"type": "int", "integer_value": null}), &stored),
        Ok(FlagValue::Null)
    );
    assert_eq!(
        columns(&json!({"type": null, "string_value": "x"}), &stored),
        Ok(text("x"))
    );
}

#[test]
fn columns_of_no_type_are_refused() {
    let error = json!({"type": ["\"bogus\" is not a valid choice."]});
    assert_eq!(columns(&json!({"type": "bogus"}), &FlagValue::Null), Err(error));
}

#[test]
fn columns_show_the_one_that_counts() {
    let shown = |value: &FlagValue| serde_json::to_value(Columns::from(value)).unwrap();
    let expected = json!({"type": "int", "string_value": null, "integer_value": 7, "boolean_value": null});
    assert_eq!(shown(&FlagValue::Integer(7)), expected);
    let expected =
        json!({"type": "unicode", "string_value": null, "integer_value": null, "boolean_value": null});
    assert_eq!(shown(&FlagValue::Null), expected);
}

#[test]
fn typed_texts_are_of_their_type() {
    assert_eq!(
        typed(&json!({"type": "integer", "value": " +42 "})),
        Ok(FlagValue::Integer(42))
    );
    assert_eq!(
        typed(&json!({"type": "integer", "value": 42})),
        Ok(FlagValue::Integer(42))
    );
    assert_eq!(
        typed(&json!({"type": "boolean", "value": "TRUE"})),
        Ok(FlagValue::Boolean(true))
    );
    assert_eq!(typed(&json!({"type": "string", "value": "  "})), Ok(text("")));
    assert_eq!(typed(&json!({"type": "string", "value": 1.5})), Ok(text("1.5")));
}

#[test]
fn typed_texts_of_another_type_are_refused_in_the_words_of_the_contract() {
    let whole = |message: &str| Err(json!({"non_field_errors": [message]}));
    assert_eq!(
        typed(&json!({"type": "integer", "value": "x"})),
        whole("'x' is not a valid integer")
    );
    assert_eq!(
        typed(&json!({"type": "integer", "value": "7.0"})),
        whole("'7.0' is not a valid integer")
    );
    assert_eq!(
        typed(&json!({"type": "integer", "value": "2147483648"})),
        whole("'2147483648' is not a valid integer")
    );
    assert_eq!(
        typed(&json!({"type": "boolean", "value": "1"})),
        whole("'1' is not a valid boolean (use 'true' or 'false')")
    );
    assert_eq!(
        typed(&json!({"type": "string", "value": true})),
        Err(json!({"value": ["Not a valid string."]}))
    );
    assert_eq!(
        typed(&json!({"type": "int"})),
        Err(json!({"type": ["\"int\" is not a valid choice."], "value": ["This field is required."]}))
    );
}

#[test]
fn typed_texts_show_the_value_as_text() {
    let shown = |value: FlagValue| serde_json::to_value(TypedText::of(&value)).unwrap();
    assert_eq!(
        shown(FlagValue::Integer(7)),
        json!({"type": "integer", "value": "7"})
    );
    assert_eq!(
        shown(FlagValue::Boolean(true)),
        json!({"type": "boolean", "value": "true"})
    );
    assert_eq!(shown(text("x")), json!({"type": "string", "value": "x"}));
    assert_eq!(shown(FlagValue::Null), json!({"type": "string", "value": ""}));
}

#[test]
fn plain_values_show_as_json() {
    let shown = |value: FlagValue| serde_json::to_value(Plain(value)).unwrap();
    assert_eq!(shown(FlagValue::Integer(7)), json!(7));
    assert_eq!(shown(FlagValue::Null), json!(null));
    assert_eq!(shown(FlagValue::Boolean(true)), json!(true));
    assert_eq!(shown(text("x")), json!("x"));
}
