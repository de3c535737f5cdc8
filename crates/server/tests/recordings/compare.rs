//! What is different between a recorded answer and ours.

use crate::exchange::{Body, Exchange};
use crate::ids::Ids;
use crate::text;
use liftgate_testkit::Answer;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A difference: where (`status`, `header allow`, or a pointer into the body), and what.
pub type Difference = (String, String);

/// Members whose value is a random key.
const KEYS: [&str; 6] = ["key", "api_key", "environment_api_key", "prefix", "hash", "id"];

/// Everything that is different.
pub fn differences(recorded: &Exchange, ours: &Answer, ids: &mut Ids) -> Vec<Difference> {
    let mut found = Vec::new();
    if recorded.status != ours.status {
        found.push((
            "status".to_owned(),
            format!("{} instead of {}", ours.status, recorded.status),
        ));
    }
    for (name, value) in &recorded.headers {
        let sent = ours.header(name).unwrap_or_default();
        if name == "retry-after" && !sent.is_empty() {
            continue;
        }
        let (expected, got) = if name == "allow" {
            (methods(value), methods(sent))
        } else {
            let one = |text: &str| BTreeSet::from([text::normal(text)]);
            (one(value), one(sent))
        };
        if expected != got {
            found.push((format!("header {name}"), format!("{sent:?} instead of {value:?}")));
        }
    }
    let mut walk = Walk { ids, found };
    match &recorded.body {
        Body::Empty if ours.text.is_empty() => {}
        Body::Text if ours.body.is_string() => {}
        Body::Json(value) => walk.value("", Place::default(), value, &ours.body, false),
        Body::Beginning(value) => walk.value("", Place::default(), value, &ours.body, true),
        Body::Empty | Body::Text => walk.add("", &ours.text, &format!("{:?}", recorded.body)),
    }
    walk.found
}

fn methods(header: &str) -> BTreeSet<String> {
    header.split(", ").map(str::to_owned).collect()
}

/// The names of the members around a value, from the inside.
#[derive(Debug, Clone, Copy, Default)]
struct Place<'a> {
    member: &'a str,
    parent: &'a str,
}

struct Walk<'a> {
    ids: &'a mut Ids,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn add(&mut self, at: &str, ours: &dyn std::fmt::Display, recorded: &dyn std::fmt::Display) {
        self.found
            .push((format!("body{at}"), format!("{ours} instead of {recorded}")));
    }

    /// Compares a value; `open` when only the beginning of the recorded one is there.
    fn value(&mut self, at: &str, place: Place<'_>, recorded: &Value, ours: &Value, open: bool) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) => self.object(at, place, recorded, ours, open),
            (Value::Array(recorded), Value::Array(ours)) => {
                if recorded.len() > ours.len() || (!open && recorded.len() < ours.len()) {
                    self.add(at, &Value::from(ours.clone()), &Value::from(recorded.clone()));
                    return;
                }
                for (index, (one, other)) in recorded.iter().zip(ours).enumerate() {
                    let open = open && index + 1 == recorded.len();
                    self.value(&format!("{at}/{index}"), place, one, other, open);
                }
            }
            (Value::String(one), Value::String(other)) => {
                let random = KEYS.contains(&place.member) && text::is_random(one) && text::is_random(other);
                if !random && text::normal(one) != text::normal(other) {
                    self.add(at, ours, recorded);
                }
            }
            (Value::Number(one), Value::Number(other)) => {
                let fits = match (one.as_i64(), other.as_i64()) {
                    (Some(one), Some(other)) => self
                        .ids
                        .fit(place.parent, place.member, one, other)
                        .unwrap_or(one == other),
                    _ => one == other,
                };
                if !fits {
                    self.add(at, ours, recorded);
                }
            }
            _ if recorded == ours => {}
            _ => self.add(at, ours, recorded),
        }
    }

    fn object(
        &mut self,
        at: &str,
        place: Place<'_>,
        recorded: &Map<String, Value>,
        ours: &Map<String, Value>,
        open: bool,
    ) {
        for name in ours.keys().filter(|name| !open && !recorded.contains_key(*name)) {
            self.add(&format!("{at}/{name}"), &ours[name], &"nothing");
        }
        for (index, (name, one)) in recorded.iter().enumerate() {
            let at = format!("{at}/{name}");
            let inner = Place {
                member: name,
                parent: place.member,
            };
            match ours.get(name) {
                Some(other) => {
                    let open = open && index + 1 == recorded.len();
                    self.value(&at, inner, one, other, open);
                }
                None => self.add(&at, &"nothing", one),
            }
        }
    }
}
