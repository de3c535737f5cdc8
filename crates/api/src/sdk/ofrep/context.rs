//! The evaluation context of a request: who is asked about, with what is known of them.

use axum::extract::Request;
use liftgate_delivery::{IdentityCall, SentTrait, trait_value_of_json};
use liftgate_model::identity::TraitValue;
use serde_json::{Map, Value};

use super::OfrepError;
use super::error::Code;
use crate::extract::Body;
use crate::extract::body::BODY_BYTES;
use crate::form::wording::trim;
use crate::sdk::identities::wire::{IDENTIFIER_CHARACTERS, KEY_CHARACTERS, VALUE_CHARACTERS};

/// The member that names the identity.
const TARGETING_KEY: &str = "targetingKey";

/// Whom a request asks about.
#[derive(Debug, Default)]
pub(super) struct Context {
    targeting_key: Option<String>,
    /// Everything else: traits that count for this request only.
    attributes: Vec<SentTrait>,
}

impl Context {
    /// Reads the body of a request: `{"context": {…}}`, where the context, and the body, may be missing.
    ///
    /// # Errors
    /// 400 with `PARSE_ERROR` for what is no JSON object and `INVALID_CONTEXT` for a context that cannot be evaluated;
    /// 413 and 415 as everywhere.
    pub(super) async fn read(request: Request) -> Result<Self, OfrepError> {
        let body = Body::read(request, BODY_BYTES).await?;
        let Value::Object(body) = &*body.value() else {
            return Err(OfrepError::bad(
                Code::ParseError,
                "The body must be a JSON object.",
            ));
        };
        match body.get("context") {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(Value::Object(members)) => Self::of(members),
            Some(_) => Err(invalid("The context must be an object.".to_owned())),
        }
    }

    /// The call about the identity; `None` when the context says nothing.
    pub(super) fn into_call(self) -> Option<IdentityCall> {
        if self.targeting_key.is_none() && self.attributes.is_empty() {
            return None;
        }
        Some(IdentityCall {
            identifier: self.targeting_key,
            is_transient: true,
            traits: self.attributes,
        })
    }

    fn of(members: &Map<String, Value>) -> Result<Self, OfrepError> {
        let targeting_key = match members.get(TARGETING_KEY) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.chars().count() > IDENTIFIER_CHARACTERS => {
                return Err(invalid(format!(
                    "{TARGETING_KEY} must have at most {IDENTIFIER_CHARACTERS} characters."
                )));
            }
            // Without blanks around it, as SDKs' identifiers are read: it is the same identity.
            Some(Value::String(text)) => Some(trim(text).to_owned()).filter(|text| !text.is_empty()),
            Some(_) => return Err(invalid(format!("{TARGETING_KEY} must be a string."))),
        };
        let attributes = members
            .iter()
            .filter(|(key, _)| *key != TARGETING_KEY)
            .filter_map(|(key, value)| attribute(key, value).transpose())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            targeting_key,
            attributes,
        })
    }
}

/// A member of the context as a trait; null says nothing.
fn attribute(key: &str, value: &Value) -> Result<Option<SentTrait>, OfrepError> {
    let value = trait_value_of_json(value);
    if key.chars().count() > KEY_CHARACTERS {
        let complaint = format!("The names of the context must have at most {KEY_CHARACTERS} characters.");
        return Err(invalid(complaint));
    }
    if matches!(&value, Some(TraitValue::Text(text)) if text.chars().count() > VALUE_CHARACTERS) {
        return Err(invalid(format!(
            "{key} must have at most {VALUE_CHARACTERS} characters."
        )));
    }
    Ok(value.map(|value| SentTrait {
        key: key.to_owned(),
        value: Some(value),
        is_transient: true,
    }))
}

fn invalid(details: String) -> OfrepError {
    OfrepError::bad(Code::InvalidContext, details)
}
