//! Environments: where a project's flags have their values.

mod clone;
mod create;
mod delete;
mod document;
mod first_evaluation;
mod keys;
mod list;
mod metrics;
mod traits;
mod update;
mod versioning;

pub use clone::{Cloneable, clone, cloneable};
pub use create::{NewEnvironment, create};
pub use delete::delete;
pub(crate) use delete::remove;
pub use document::document;
pub use first_evaluation::{FirstEvaluation, first_evaluation, note_first_evaluation};
pub use keys::{KeyChange, NewKey, create_key, delete_key, list_keys, update_key};
pub use list::{count_segment_overrides, list};
pub use metrics::{EnvironmentMetrics, metrics};
pub use traits::{delete_trait, list_trait_keys};
pub use update::{EnvironmentChange, update};
pub use versioning::{disable_versioning, enable_versioning};

use crate::error::{Error, Result};
use crate::work::Entry;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_store::{Conn, environments};

/// Letters and digits of a client-side key.
const KEY_CHARACTERS: usize = 22;
/// What server-side keys begin with, and nothing else.
const SERVER_KEY_PREFIX: &str = "ser.";

/// The audit record of something that happened to an environment.
fn entry(environment: &Environment, what: &str, change: ChangeType) -> Entry {
    Entry::in_environment(
        format!("{what}: {}", environment.name),
        environment.project,
        environment.id,
        RelatedObject::Environment,
        environment.id.0,
        change,
    )
}

/// Refuses a name or a key that another environment has, and a key that could not stand in a path.
async fn check(conn: &impl Conn, environment: &Environment) -> Result<()> {
    let others = environments::list(conn, environment.project).await?;
    if others
        .iter()
        .any(|other| other.id != environment.id && other.name == environment.name)
    {
        return Err(Error::non_field("An environment with this name already exists."));
    }
    let key = environment.api_key.as_str();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if key.starts_with(SERVER_KEY_PREFIX) || !key.bytes().all(plain) {
        return Err(Error::field(
            "api_key",
            "A client-side key is made of letters, digits and \"-._~\", and does not begin with \"ser.\".",
        ));
    }
    match environments::find_by_key(conn, key).await? {
        Some(other) if other.id != environment.id => Err(Error::field(
            "api_key",
            "Environment with this api key already exists.",
        )),
        _ => Ok(()),
    }
}
