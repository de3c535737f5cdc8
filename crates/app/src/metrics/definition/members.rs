//! Reading an object of which every member is known.

use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// The members of an object within a definition.
pub(super) struct Members<'a> {
    of: &'a Map<String, Value>,
    /// What stands before a member's name in a complaint: `filter.`.
    path: String,
}

impl<'a> Members<'a> {
    /// The members of the definition itself or, by its path, of an object in it.
    ///
    /// # Errors
    /// The value is no object, or has a member that is not in `known`.
    pub(super) fn new(value: &'a Value, path: &str, known: &[&str]) -> Result<Self, String> {
        let Value::Object(of) = value else {
            return Err(format!("Definition '{path}' must be an object."));
        };
        let members = Self {
            of,
            path: if path.is_empty() {
                String::new()
            } else {
                format!("{path}.")
            },
        };
        match of.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!(
                "Definition has an unknown member '{}'.",
                members.name(unknown)
            )),
            None => Ok(members),
        }
    }

    /// A member; `None` where it is not there.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.of.get(name)
    }

    /// An object within; `None` where it is not there.
    pub(super) fn object(&self, name: &str, known: &[&str]) -> Result<Option<Members<'a>>, String> {
        let object = |value| Self::new(value, &self.name(name), known);
        self.get(name).map(object).transpose()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Result<&'a str, String> {
        let text = self
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        text.ok_or_else(|| self.complaint(name, "must be a non-empty text"))
    }

    /// A finite number; `None` where it is not there.
    pub(super) fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let number = |value: &Value| {
            let number = value.as_f64().filter(|number| number.is_finite());
            number.ok_or_else(|| self.complaint(name, "must be a number"))
        };
        self.get(name).map(number).transpose()
    }

    /// A percentage strictly between 0 and 100, as a share; `None` where it is not there.
    pub(super) fn share(&self, name: &str) -> Result<Option<f64>, String> {
        match self.number(name)? {
            Some(percentile) if percentile > 0.0 && percentile < 100.0 => Ok(Some(percentile / 100.0)),
            Some(_) => Err(self.complaint(name, "must lie between 0 and 100")),
            None => Ok(None),
        }
    }

    /// A whole number of days; it must be there.
    pub(super) fn days(&self, name: &str, range: RangeInclusive<i64>) -> Result<i64, String> {
        let days = self
            .get(name)
            .and_then(Value::as_i64)
            .filter(|days| range.contains(days));
        days.ok_or_else(|| {
            let (first, last) = range.into_inner();
            self.complaint(name, &format!("must be a whole number from {first} to {last}"))
        })
    }

    /// `Definition 'filter.min_value' must be ….`
    pub(super) fn complaint(&self, name: &str, what: &str) -> String {
        format!("Definition '{}' {what}.", self.name(name))
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }
}
