//! Fields of queries and HTML forms.

use serde_json::json;

use super::super::{Form, Mode, Parse, Patch, rule};

#[derive(Debug, PartialEq)]
struct Filter {
    name: Option<String>,
    note: Patch<String>,
    archived: bool,
    status: Vec<&'static str>,
    size: Option<i32>,
}

impl Parse for Filter {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let status = |name: &str| ["created", "running"].into_iter().find(|known| *known == name);
        let name = form.text("name").optional();
        let note = form.text("note").nullable().change();
        let archived = form.boolean("archived").or(true);
        let status = form.list("status", rule::Choice::new(status)).or(Vec::new());
        let size = form.integer("size").optional();
        Some(Self {
            name: name?,
            note: note?,
            archived: archived?,
            status: status?,
            size: size?,
        })
    }
}

fn read(query: &str, mode: Mode) -> Result<Filter, serde_json::Value> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Form::pairs(&pairs, mode)
        .done()
        .map_err(super::super::FieldError::into_value)
}

#[test]
fn repeated_names_are_lists_and_the_last_single_value_counts() {
    let filter = read(
        "status=running&status=created&name=a&name=b&size=3&archived=on",
        Mode::Create,
    )
    .unwrap();
    assert_eq!(filter.status, ["running", "created"]);
    assert_eq!(filter.name.as_deref(), Some("b"));
    assert_eq!((filter.size, filter.archived), (Some(3), true));
}

#[test]
fn empty_text_is_null_or_absent_and_an_unsent_box_is_unticked() {
    let filter = read("name=&note=&size=", Mode::Create).unwrap();
    let expected = Filter {
        name: None,
        note: Patch::Null,
        archived: false,
        status: Vec::new(),
        size: None,
    };
    assert_eq!(filter, expected);
    assert!(read("", Mode::Patch).unwrap().archived);
    assert_eq!(read("", Mode::Patch).unwrap().note, Patch::Absent);
}

#[test]
fn list_complaints_are_keyed_by_index() {
    // contract, recorded: "exp list bad status" and "status running+empty".
    assert_eq!(
        read("status=DRAFT", Mode::Create),
        Err(json!({"status": {"0": ["\"DRAFT\" is not a valid choice."]}}))
    );
    assert_eq!(
        read("status=running&status=", Mode::Create),
        Err(json!({"status": {"1": ["\"\" is not a valid choice."]}}))
    );
}
