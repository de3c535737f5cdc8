//! Text, and text of a form such as a mail address.

use serde_json::Value;

use super::{Rule, mail, url};
use crate::form::{Field, FieldError, Mode, wording};

/// Text: trimmed, not blank, of any length, unless told otherwise.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    trims: bool,
    blank: bool,
    max: Option<usize>,
    min: Option<usize>,
    /// What it must look like.
    form: Option<Shape>,
}

/// A test, and the message when it fails or when the value is no text at all.
type Shape = (fn(&str) -> bool, &'static str);

impl Default for Text {
    fn default() -> Self {
        Self {
            trims: true,
            blank: false,
            max: None,
            min: None,
            form: None,
        }
    }
}

impl Text {
    /// At most this many characters.
    #[must_use]
    pub fn max(self, characters: usize) -> Self {
        Self {
            max: Some(characters),
            ..self
        }
    }

    /// Empty text is accepted.
    #[must_use]
    pub fn blank(self) -> Self {
        Self { blank: true, ..self }
    }

    /// A mail address of at most 254 characters.
    pub fn email() -> Self {
        Self {
            form: Some((mail::is_address, "Enter a valid email address.")),
            ..Self::default()
        }
        .max(254)
    }

    /// An `http` or `https` URL of at most 200 characters. Where it leads is for the use-case to check.
    pub fn url() -> Self {
        Self {
            form: Some((url::is_web_address, "Enter a valid URL.")),
            ..Self::default()
        }
        .max(200)
    }
}

/// Refinements of a text field.
impl Field<'_, '_, Text> {
    /// At most this many characters.
    pub fn max(mut self, characters: usize) -> Self {
        self.rule = self.rule.max(characters);
        self
    }

    /// At least this many characters.
    pub fn min(mut self, characters: usize) -> Self {
        self.rule.min = Some(characters);
        self
    }

    /// Empty text is accepted.
    pub fn blank(mut self) -> Self {
        self.rule = self.rule.blank();
        self
    }

    /// Blanks around it belong to it.
    pub fn untrimmed(mut self) -> Self {
        self.rule.trims = false;
        self
    }

    /// Must have a form; the message says which.
    pub fn matching(mut self, form: fn(&str) -> bool, message: &'static str) -> Self {
        self.rule.form = Some((form, message));
        self
    }
}

impl Rule for Text {
    type Out = String;

    fn read(&self, value: &Value, _mode: Mode) -> Result<String, FieldError> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => wording::number_text(number),
            _ => {
                let message = self.form.map_or("Not a valid string.", |(_, message)| message);
                return Err(FieldError::text(message));
            }
        };
        let trimmed = wording::trim(&text);
        if text.is_empty() || (self.trims && trimmed.is_empty()) {
            return if self.blank {
                Ok(String::new())
            } else {
                Err(FieldError::text("This field may not be blank."))
            };
        }
        let text = if self.trims { trimmed.to_owned() } else { text };
        let mut complaints = Vec::new();
        let length = text.chars().count();
        if let Some(max) = self.max.filter(|max| length > *max) {
            complaints.push(format!("Ensure this field has no more than {max} characters."));
        }
        if let Some(min) = self.min.filter(|min| length < *min) {
            complaints.push(format!("Ensure this field has at least {min} characters."));
        }
        if text.contains('\0') {
            complaints.push("Null characters are not allowed.".to_owned());
        }
        if let Some((_, message)) = self.form.filter(|(is_form, _)| !is_form(&text)) {
            complaints.push(message.to_owned());
        }
        if complaints.is_empty() {
            Ok(text)
        } else {
            Err(FieldError::shape(complaints))
        }
    }

    fn takes_blank(&self) -> bool {
        self.blank
    }
}
