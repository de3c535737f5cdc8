//! Fields that the reference cases do not cover.

use liftgate_model::TagId;
use serde_json::{Value, json};

use super::super::{Form, Mode, Patch, wording};

fn errors(body: &Value, read: impl Fn(&mut Form<'_>)) -> Value {
    let mut form = Form::new(body, Mode::Create);
    read(&mut form);
    Value::Object(form.errors)
}

#[test]
fn ids_are_numbers_of_things_that_may_exist() {
    let id = |value: Value| {
        let body = json!({"tag": value});
        let mut form = Form::new(&body, Mode::Create);
        let id = form.id::<TagId>("tag").required();
        id.ok_or_else(|| form.errors["tag"][0].as_str().unwrap().to_owned())
    };
    assert_eq!(id(json!(9)), Ok(TagId(9)));
    assert_eq!(id(json!("9")), Ok(TagId(9)));
    for (value, kind) in [
        (json!(true), "bool"),
        (json!("x"), "str"),
        (json!(1.5), "float"),
        (json!([1]), "list"),
    ] {
        assert_eq!(
            id(value),
            Err(format!("Incorrect type. Expected pk value, received {kind}."))
        );
    }
    assert_eq!(
        id(json!("99999999999")),
        Err("Invalid pk \"99999999999\" - object does not exist.".to_owned())
    );
    assert_eq!(id(json!("")), Err("This field may not be null.".to_owned()));
}

#[test]
fn the_first_bad_id_of_a_list_is_the_complaint() {
    let ids = |form: &mut Form<'_>| {
        form.ids::<TagId>("tags").required();
    };
    assert_eq!(errors(&json!({"tags": [1, "2"]}), ids), json!({}));
    assert_eq!(
        errors(&json!({"tags": [1, "x", true]}), ids),
        json!({"tags": ["Incorrect type. Expected pk value, received str."]})
    );
    assert_eq!(
        errors(&json!({"tags": {"a": 1}}), ids),
        json!({"tags": ["Expected a list of items but got type \"dict\"."]})
    );
}

#[test]
fn web_addresses_have_a_scheme_and_a_host() {
    let good = |url: &str| errors(&json!({"url": url}), |form| drop(form.url("url").required())) == json!({});
    for url in [
        "https://example.com",
        "http://example.com:8000/a?b#c",
        "https://u:p@example.com/",
        "http://localhost/x",
        "HTTP://EXAMPLE.COM",
        "http://127.0.0.1:9/",
        "http://[::1]:80/",
        "https://bücher.example",
    ] {
        assert!(good(url), "{url}");
    }
    for url in [
        "example.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "http://exa mple.com",
        "http://-a.com",
        "http://a_b.com",
        "http://example",
        "http://example.com:port",
        "http://[::1",
        "javascript://example.com/%0a1",
        "http://a@b@example.com",
        "https://exam\u{0}ple.com",
    ] {
        assert!(!good(url), "{url}");
    }
    assert_eq!(
        errors(&json!({"url": "nope"}), |form| drop(form.url("url").required())),
        json!({"url": ["Enter a valid URL."]})
    );
}

#[test]
fn a_text_may_have_several_faults() {
    let long = format!("{}\u{0}", "x".repeat(260));
    assert_eq!(
        errors(&json!({"email": long}), |form| drop(
            form.email("email").required()
        )),
        json!({"email": [
            "Ensure this field has no more than 254 characters.",
            "Null characters are not allowed.",
            "Enter a valid email address.",
        ]})
    );
}

#[test]
fn required_means_required_even_in_a_patch_unless_it_is_a_change() {
    let body = json!({});
    let mut form = Form::new(&body, Mode::Patch);
    assert_eq!(form.text("a").change_required(), Some(Patch::Absent));
    assert_eq!(form.text("b").required(), None);
    assert_eq!(form.text("c").required_nullable(), None);
    assert_eq!(form.text("d").or("x".to_owned()), Some("x".to_owned()));
    assert_eq!(
        Value::Object(form.errors),
        json!({"b": ["This field is required."], "c": ["This field is required."]})
    );
    let body = json!({"c": null, "d": null});
    let mut form = Form::new(&body, Mode::Put);
    assert_eq!(form.text("c").required_nullable(), Some(None));
    assert_eq!(form.text("d").or("x".to_owned()), None);
    assert_eq!(form.text("a").change_required(), None);
}

#[test]
fn no_field_of_an_unreadable_body_is_looked_at() {
    let body = json!([1]);
    let mut form = Form::new(&body, Mode::Create);
    assert_eq!(form.text("a").optional(), None);
    assert_eq!(
        Value::Object(form.errors),
        json!({"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]})
    );
}

#[test]
fn values_are_worded_as_in_messages_of_the_contract() {
    let cases = [
        (json!({"name": "nope"}), "{'name': 'nope'}"),
        (
            json!(["it's", null, true, 1, 2.0]),
            "[\"it's\", None, True, 1, 2.0]",
        ),
        (json!("plain"), "plain"),
        (json!(["a\n\u{7}\\"]), "['a\\n\\x07\\\\']"),
        (json!(1e16), "1e+16"),
        (json!(1e-5), "1e-05"),
        (json!(0.0001), "0.0001"),
        (json!(1.5e300), "1.5e+300"),
        (json!(-0.0), "-0.0"),
        (json!(123_456_789.0), "123456789.0"),
    ];
    for (value, text) in cases {
        assert_eq!(wording::text(&value), text);
    }
}
