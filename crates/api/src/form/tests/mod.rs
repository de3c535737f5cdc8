//! The kinds of fields against `cases.jsonl`: inputs with the values and complaints that Django REST framework 3.15.2
//! (Django 5.2) gave for the same kinds, one case a line. Left out: digits other than 0 to 9 and dates without
//! separators, which it accepts and we do not.

mod encoded;
mod rules;

use serde_json::{Map, Value, json};

use super::{Field, FieldError, Form, Mode, Parse, Rule, rule};

const CASES: &str = include_str!("cases.jsonl");

/// The object of the `nested` and `objects` cases.
struct Child {
    a: Option<String>,
    b: Option<i32>,
}

impl Parse for Child {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let a = form.text("a").max(3).change_required();
        let b = form.integer("b").change();
        Some(Self {
            a: a?.value(),
            b: b?.value(),
        })
    }
}

impl Child {
    fn json(self) -> Value {
        let mut fields = Map::new();
        fields.extend(self.a.map(|a| ("a".to_owned(), json!(a))));
        fields.extend(self.b.map(|b| ("b".to_owned(), json!(b))));
        Value::Object(fields)
    }
}

/// Reads the field `f` of the case, as JSON; `None` when it is absent or was complained about.
fn read(form: &mut Form<'_>, kind: &str) -> Option<Value> {
    fn needed<R: Rule>(field: Field<'_, '_, R>, json: impl Fn(R::Out) -> Value) -> Option<Value> {
        field
            .change_required()?
            .change()
            .map(|value| value.map_or(Value::Null, json))
    }
    fn optional<R: Rule>(field: Field<'_, '_, R>, json: impl Fn(R::Out) -> Value) -> Option<Value> {
        field
            .change()?
            .change()
            .map(|value| value.map_or(Value::Null, json))
    }
    let role = |name: &str| ["ADMIN", "USER", "3"].into_iter().find(|known| *known == name);
    let plain_role = move |name: &str| role(name).filter(|name| *name != "3");
    let letter = |name: &str| ["A", "B"].into_iter().find(|known| *known == name);
    match kind {
        "text" => needed(form.text("f").max(5), Value::from),
        "text_blank" => optional(form.text("f").blank(), Value::from),
        "text_null" => optional(form.text("f").nullable(), Value::from),
        "text_raw" => needed(form.text("f").blank().untrimmed().nullable(), Value::from),
        "integer" => needed(form.integer("f"), Value::from),
        "integer_small" => needed(form.integer("f").min(1).max(10).nullable(), Value::from),
        "number" => needed(form.number("f").min(0.0).max(100.0), Value::from),
        "boolean" => needed(form.boolean("f"), Value::from),
        "boolean_default" if form.mode() == Mode::Patch => optional(form.boolean("f"), Value::from),
        "boolean_default" => form.boolean("f").or(true).map(Value::from),
        "boolean_null" => optional(form.boolean("f").nullable(), Value::from),
        "choice" => needed(form.choice("f", role), Value::from),
        "choice_null" => optional(form.choice("f", plain_role).nullable(), Value::from),
        "datetime" => needed(form.datetime("f"), |time| Value::from(time.to_iso())),
        "email" => needed(form.email("f"), Value::from),
        "uuid" => needed(form.uuid("f"), |uuid| Value::from(uuid.to_string())),
        "integers" => needed(form.list("f", rule::Integer::default()), Value::from),
        "texts" => needed(
            form.list("f", rule::Text::default().max(3)).filled().max_items(3),
            Value::from,
        ),
        "choices" => optional(form.list("f", rule::Choice::new(letter)), Value::from),
        "json" => needed(form.json("f"), |value| value),
        "json_null" => needed(form.json("f").nullable(), |value| value),
        "nested" => needed(form.nested("f"), Child::json),
        "nested_null" => optional(form.nested("f").nullable(), Child::json),
        "objects" => needed(form.objects("f"), children),
        "objects_some" => optional(form.objects("f").filled(), children),
        other => panic!("no such kind: {other}"),
    }
}

fn children(children: Vec<Child>) -> Value {
    children.into_iter().map(Child::json).collect()
}

fn outcome(case: &Value) -> (Option<Value>, Option<Value>) {
    let kind = case["kind"].as_str().unwrap();
    let mode = if case.get("patch").is_some() {
        Mode::Patch
    } else {
        Mode::Create
    };
    let split = |read: Result<Value, FieldError>| match read {
        Ok(value) => (Some(value), None),
        Err(error) => (None, Some(error.into_value())),
    };
    match kind {
        "whole" => split(Form::read::<Child>(&case["input"], mode).map(Child::json)),
        "whole_list" => split(Form::read_list::<Child>(&case["input"], mode).map(children)),
        kind => {
            let body: Value = case.get("input").map_or(json!({}), |input| json!({"f": input}));
            let mut form = Form::new(&body, mode);
            let value = read(&mut form, kind);
            let errors = form.errors.remove("f");
            assert!(form.errors.is_empty(), "{:?}", form.errors);
            (value, errors)
        }
    }
}

#[test]
fn every_kind_reads_and_complains_as_the_reference() {
    let cases: Vec<Value> = CASES
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() > 1000, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let got = outcome(case);
            let wanted = (case.get("value").cloned(), case.get("errors").cloned());
            (got != wanted).then(|| format!("{case}\n  gave {got:?}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
