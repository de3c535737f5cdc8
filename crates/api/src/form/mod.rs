//! Reading the fields of a body or a query, collecting *every* complaint in the contract's words and shapes
//! (admin API, section 0.5).
//!
//! A request type is a plain struct with [`Parse`]. Read each field into a variable first and use `?` only when all are
//! read, so that one answer tells all that is wrong:
//!
//! ```
//! use liftgate_api::form::{Form, Mode, Parse, Patch};
//! use serde_json::json;
//!
//! #[derive(Debug, PartialEq)]
//! struct NewTag { label: String, colour: Option<String> }
//!
//! impl Parse for NewTag {
//!     fn parse(form: &mut Form<'_>) -> Option<Self> {
//!         let label = form.text("label").max(5).required();
//!         let colour = form.text("colour").nullable().optional();
//!         Some(Self { label: label?, colour: colour? })
//!     }
//! }
//!
//! let good = Form::read::<NewTag>(&json!({"label": " beta "}), Mode::Create).unwrap();
//! assert_eq!(good, NewTag { label: "beta".to_owned(), colour: None });
//! let errors = Form::read::<NewTag>(&json!({"label": "far too long", "colour": true}), Mode::Create).unwrap_err();
//! assert_eq!(errors.into_value(), json!({
//!     "label": ["Ensure this field has no more than 5 characters."],
//!     "colour": ["Not a valid string."],
//! }));
//! ```
//!
//! To add a kind of field: one file in `rule/` with a [`Rule`], and a getter below.

mod field;
mod patch;
pub mod rule;
mod source;
pub mod wording;

#[cfg(test)]
mod tests;

pub use field::Field;
pub use patch::Patch;
pub use rule::Rule;
pub use source::Source;

use liftgate_app::{Error, Invalid};
use serde_json::{Map, Value};

/// The key of complaints about the whole.
const WHOLE: &str = "non_field_errors";

/// What the request does to its resource; it decides what a missing field means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// POST: a new thing.
    Create,
    /// PUT: every field anew.
    Put,
    /// PATCH: only what is there.
    Patch,
}

/// A type that is read from a form.
pub trait Parse: Sized {
    /// Reads all fields; `None` when a complaint was noted in the form.
    fn parse(form: &mut Form<'_>) -> Option<Self>;
}

/// A complaint about one value: JSON in one of the contract's shapes (a list of texts, an object by field, a list of
/// objects by item).
#[derive(Debug, Clone, PartialEq)]
pub struct FieldError(Value);

impl FieldError {
    /// `["message"]`.
    pub fn text(message: impl Into<String>) -> Self {
        Self(Value::from(vec![message.into()]))
    }

    /// Any other shape.
    pub fn shape(shape: impl Into<Value>) -> Self {
        Self(shape.into())
    }

    /// `{"non_field_errors": ["message"]}`.
    pub fn whole(message: impl Into<String>) -> Self {
        let mut errors = Map::new();
        errors.insert(WHOLE.to_owned(), Value::from(vec![message.into()]));
        Self(Value::Object(errors))
    }

    /// The JSON of the complaint.
    pub fn into_value(self) -> Value {
        self.0
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::Invalid(match error.0 {
            Value::Object(fields) => Invalid::Fields(fields),
            other => Invalid::Body(other),
        })
    }
}

/// The fields of a request being read, and the complaints so far.
#[derive(Debug)]
pub struct Form<'a> {
    source: Source<'a>,
    mode: Mode,
    errors: Map<String, Value>,
}

impl<'a> Form<'a> {
    /// A form over a JSON value; anything but an object is a complaint about the whole, and no field is looked at.
    pub fn new(value: &'a Value, mode: Mode) -> Self {
        let mut form = Self {
            source: Source::Unreadable,
            mode,
            errors: Map::new(),
        };
        match value {
            Value::Object(fields) => form.source = Source::Object(fields),
            Value::Null => form.refuse_all("No data provided"),
            other => form.refuse_all(format!(
                "Invalid data. Expected a dictionary, but got {}.",
                wording::type_name(other)
            )),
        }
        form
    }

    /// A form over names and texts: a query, or a body sent by an HTML form. Names may repeat.
    pub fn pairs(pairs: &'a [(String, String)], mode: Mode) -> Self {
        Self {
            source: Source::Pairs(pairs),
            mode,
            errors: Map::new(),
        }
    }

    /// Reads one object.
    ///
    /// # Errors
    /// All complaints by field.
    pub fn read<T: Parse>(value: &Value, mode: Mode) -> Result<T, FieldError> {
        Form::new(value, mode).done()
    }

    /// Reads a list of objects that is the whole body.
    ///
    /// # Errors
    /// A list as long as the body's with `{}` for the good items, or a complaint about the whole.
    pub fn read_list<T: Parse>(value: &Value, mode: Mode) -> Result<Vec<T>, FieldError> {
        match value {
            Value::Null => Err(FieldError::whole("No data provided")),
            value => rule::Objects::<T>::default().read(value, mode),
        }
    }

    /// Reads the type and hands back the value or all complaints.
    ///
    /// # Errors
    /// All complaints by field.
    pub fn done<T: Parse>(mut self) -> Result<T, FieldError> {
        let value = T::parse(&mut self);
        match value {
            Some(value) if self.errors.is_empty() => Ok(value),
            // A type that gives nothing without a complaint would be a fault of its `Parse`; the caller still gets a 400.
            _ if self.errors.is_empty() => Err(FieldError::whole("Invalid data.")),
            _ => Err(FieldError(Value::Object(self.errors))),
        }
    }

    /// The complaints as an error; for forms that are read without [`Parse`].
    ///
    /// # Errors
    /// [`Invalid::Fields`] when there is any.
    pub fn finish(self) -> Result<(), Error> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(Invalid::Fields(self.errors)))
        }
    }

    /// What the request does.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether nothing was complained about so far; rules across fields are checked only then.
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether the request names the field at all.
    pub fn has(&self, name: &str) -> bool {
        self.source.has(name)
    }

    /// Complains about a field.
    pub fn refuse(&mut self, name: &str, message: impl Into<String>) {
        self.note(name, FieldError::text(message));
    }

    /// Complains about the whole: `non_field_errors`.
    pub fn refuse_all(&mut self, message: impl Into<String>) {
        self.note(WHOLE, FieldError::text(message));
    }

    /// Complains about a field in a shape of its own.
    pub fn note(&mut self, name: &str, error: FieldError) {
        self.errors.insert(name.to_owned(), error.0);
    }

    /// A field with a rule of the caller's own.
    pub fn field<R: Rule>(&mut self, name: &'static str, rule: R) -> Field<'_, 'a, R> {
        Field::new(self, name, rule)
    }
}

/// The getters by kind.
impl<'a> Form<'a> {
    /// Text; numbers are accepted as text, booleans are not; blanks around it are cut off.
    pub fn text(&mut self, name: &'static str) -> Field<'_, 'a, rule::Text> {
        self.field(name, rule::Text::default())
    }

    /// A mail address.
    pub fn email(&mut self, name: &'static str) -> Field<'_, 'a, rule::Text> {
        self.field(name, rule::Text::email())
    }

    /// An `http` or `https` URL.
    pub fn url(&mut self, name: &'static str) -> Field<'_, 'a, rule::Text> {
        self.field(name, rule::Text::url())
    }

    /// A 32-bit integer; numeric text is accepted.
    pub fn integer(&mut self, name: &'static str) -> Field<'_, 'a, rule::Integer> {
        self.field(name, rule::Integer::default())
    }

    /// A finite number; numeric text is accepted.
    pub fn number(&mut self, name: &'static str) -> Field<'_, 'a, rule::Number> {
        self.field(name, rule::Number::default())
    }

    /// A boolean in any of the contract's spellings.
    pub fn boolean(&mut self, name: &'static str) -> Field<'_, 'a, rule::Boolean> {
        self.field(name, rule::Boolean)
    }

    /// One of a closed set of names, such as `OrganisationRole::parse`.
    pub fn choice<T, F: Fn(&str) -> Option<T>>(
        &mut self,
        name: &'static str,
        parse: F,
    ) -> Field<'_, 'a, rule::Choice<F>> {
        self.field(name, rule::Choice::new(parse))
    }

    /// A point in time.
    pub fn datetime(&mut self, name: &'static str) -> Field<'_, 'a, rule::Datetime> {
        self.field(name, rule::Datetime)
    }

    /// A UUID.
    pub fn uuid(&mut self, name: &'static str) -> Field<'_, 'a, rule::UuidText> {
        self.field(name, rule::UuidText)
    }

    /// The id of another thing; whether it exists is for the use-case to say.
    pub fn id<T: From<i32>>(&mut self, name: &'static str) -> Field<'_, 'a, rule::Id<T>> {
        self.field(name, rule::Id::default())
    }

    /// A list of ids of other things.
    pub fn ids<T: From<i32>>(&mut self, name: &'static str) -> Field<'_, 'a, rule::Ids<T>> {
        self.field(name, rule::Ids::default())
    }

    /// Any JSON.
    pub fn json(&mut self, name: &'static str) -> Field<'_, 'a, rule::Json> {
        self.field(name, rule::Json)
    }

    /// An object with a type of its own.
    pub fn nested<T: Parse>(&mut self, name: &'static str) -> Field<'_, 'a, rule::Nested<T>> {
        self.field(name, rule::Nested::default())
    }

    /// A list of objects.
    pub fn objects<T: Parse>(&mut self, name: &'static str) -> Field<'_, 'a, rule::Objects<T>> {
        self.field(name, rule::Objects::default())
    }

    /// A list of single values, each read by the rule.
    pub fn list<R: Rule>(&mut self, name: &'static str, item: R) -> Field<'_, 'a, rule::List<R>> {
        self.field(name, rule::List::new(item))
    }
}
