//! One field of a form: its rule, whether it may be null, and what it means when it is missing.

use super::{FieldError, Form, Mode, Patch, Rule};

/// A field about to be read. Refine the rule, then say with the last call what a missing field means. Every last call
/// gives `None` when it noted a complaint.
#[must_use = "a field is read by its last call, such as `required`"]
#[derive(Debug)]
pub struct Field<'f, 'a, R> {
    form: &'f mut Form<'a>,
    name: &'static str,
    pub(super) rule: R,
    nullable: bool,
}

impl<'f, 'a, R: Rule> Field<'f, 'a, R> {
    pub(super) fn new(form: &'f mut Form<'a>, name: &'static str, rule: R) -> Self {
        Self {
            form,
            name,
            rule,
            nullable: false,
        }
    }

    /// Null is accepted.
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Must be there, whatever the mode. Null is a complaint.
    pub fn required(mut self) -> Option<R::Out> {
        self.nullable = false;
        self.read(true)?.value()
    }

    /// Must be there, whatever the mode, and may be null (`Some(None)`).
    pub fn required_nullable(self) -> Option<Option<R::Out>> {
        Some(self.nullable().read(true)?.value())
    }

    /// May be missing, or null where [`nullable`](Self::nullable): both are `Some(None)`.
    pub fn optional(self) -> Option<Option<R::Out>> {
        Some(self.read(false)?.value())
    }

    /// May be missing and then is the default. Null is a complaint.
    pub fn or(mut self, default: R::Out) -> Option<R::Out> {
        self.nullable = false;
        Some(self.read(false)?.value().unwrap_or(default))
    }

    /// May be missing in any mode.
    pub fn change(self) -> Option<Patch<R::Out>> {
        self.read(false)
    }

    /// Must be there, except in a PATCH.
    pub fn change_required(self) -> Option<Patch<R::Out>> {
        let required = self.form.mode != Mode::Patch;
        self.read(required)
    }

    fn read(self, required: bool) -> Option<Patch<R::Out>> {
        let Self {
            form,
            name,
            rule,
            nullable,
        } = self;
        if matches!(form.source, super::Source::Unreadable) {
            return None;
        }
        let Some(value) = form.source.take(name, &rule, form.mode, nullable, required) else {
            if required {
                form.refuse(name, "This field is required.");
                return None;
            }
            return Some(Patch::Absent);
        };
        let outcome = if value.is_null() || rule.is_null(&value, nullable) {
            if nullable {
                Ok(Patch::Null)
            } else {
                Err(FieldError::text("This field may not be null."))
            }
        } else {
            rule.read(&value, form.mode).map(Patch::Value)
        };
        outcome.map_err(|error| form.note(name, error)).ok()
    }
}
