//! The kinds of fields: each reads one JSON value or says in the contract's words why not.

mod boolean;
mod choice;
mod datetime;
mod id;
mod integer;
mod json;
mod list;
mod mail;
mod nested;
mod number;
mod text;
mod url;
mod uuid;

pub use boolean::Boolean;
pub use choice::Choice;
pub use datetime::Datetime;
pub use id::{Id, Ids};
pub(crate) use integer::parse as integer_text;
pub use integer::{Integer, LongInteger};
pub use json::Json;
pub use list::List;
pub use nested::{Nested, Objects};
pub use number::Number;
pub use text::Text;
pub use uuid::UuidText;

use serde_json::Value;

use super::{FieldError, Mode};

/// How one value is read.
pub trait Rule {
    /// What it becomes.
    type Out;

    /// Whether repeated names of a query or an HTML form make up the value.
    const LIST: bool = false;

    /// Reads a value that is not null.
    ///
    /// # Errors
    /// The complaint, in the contract's words.
    fn read(&self, value: &Value, mode: Mode) -> Result<Self::Out, FieldError>;

    /// Whether the value stands for null.
    fn is_null(&self, _value: &Value, _nullable: bool) -> bool {
        false
    }

    /// Whether empty text is a value.
    fn takes_blank(&self) -> bool {
        false
    }

    /// What a field means that an HTML form does not send.
    fn unticked(&self, _nullable: bool) -> Option<Value> {
        None
    }
}
