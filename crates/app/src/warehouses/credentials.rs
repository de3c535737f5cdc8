//! The credentials of a connection: what is accepted, and how they are kept.

use super::{is_nothing, member_faults};
use crate::App;
use crate::error::{Error, Result};
use liftgate_model::warehouse::WarehouseType;
use liftgate_model::{Secret, WarehouseConnectionId};
use serde_json::{Value, json};

const FIELD: &str = "credentials";

/// What becomes of the credentials of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// Those stored stay.
    Keep,
    /// There are none.
    Drop,
    /// These, as JSON text.
    Set(Secret),
}

/// What results when credentials are given (`None`: not mentioned) for a type, where `may_keep` says that those of the
/// same type are stored.
///
/// # Errors
/// `Invalid` on `credentials`.
pub(super) fn settle(kind: WarehouseType, given: Option<&Value>, may_keep: bool) -> Result<Credentials> {
    if kind != WarehouseType::Clickhouse {
        return match given {
            None | Some(Value::Null) => Ok(Credentials::Drop),
            Some(_) => Err(Error::field(
                FIELD,
                "Only ClickHouse connections accept credentials.",
            )),
        };
    }
    if given.is_none() && may_keep {
        return Ok(Credentials::Keep);
    }
    let password = match given {
        Some(Value::Object(members)) => members.get("password").and_then(Value::as_str),
        Some(other) if !is_nothing(other) => return Err(Error::field(FIELD, "Must be an object.")),
        _ => None,
    };
    match password.filter(|password| !password.is_empty()) {
        Some(password) => Ok(Credentials::Set(Secret::new(
            json!({"password": password}).to_string(),
        ))),
        None => Err(member_faults(
            FIELD,
            [("password".to_owned(), "This field is required.")],
        )),
    }
}

/// Encrypts the credentials of a connection; they can be read for this connection only.
pub(super) fn seal(app: &App, id: WarehouseConnectionId, credentials: &Secret) -> Result<String> {
    app.secrets
        .seal(credentials, &format!("warehouse_connections/{id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Invalid;

    #[test]
    fn a_password_is_needed_unless_one_is_stored() {
        let settle = |given: Option<Value>, may_keep| {
            settle(WarehouseType::Clickhouse, given.as_ref(), may_keep).map_err(|error| match error {
                Error::Invalid(Invalid::Fields(fields)) => fields[FIELD].clone(),
                other => panic!("{other:?}"),
            })
        };
        let required = Err(json!({"password": "This field is required."}));
        let set = Ok(Credentials::Set(Secret::new(r#"{"password":"p"}"#)));
        assert_eq!(settle(None, true), Ok(Credentials::Keep));
        assert_eq!(settle(None, false), required);
        assert_eq!(settle(Some(Value::Null), true), required);
        assert_eq!(settle(Some(json!({})), true), required);
        assert_eq!(settle(Some(json!({"password": 7})), true), required);
        assert_eq!(settle(Some(json!("p")), true), Err(json!(["Must be an object."])));
        assert_eq!(settle(Some(json!({"password": "p", "other": 1})), false), set);
    }

    #[test]
    fn other_types_take_none_and_drop_those_stored() {
        for kind in [WarehouseType::Flagsmith, WarehouseType::Snowflake] {
            assert_eq!(settle(kind, None, true).unwrap(), Credentials::Drop);
            assert_eq!(settle(kind, Some(&Value::Null), true).unwrap(), Credentials::Drop);
            assert!(settle(kind, Some(&json!({})), true).is_err());
        }
    }
}
