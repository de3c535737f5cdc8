//! Identities and their stored traits (contract, admin API, section 6.1). Neither is audited.
//!
//! The data plane keeps the traits of identities in a cache: whatever changes them here tells it to forget, after the
//! commit.

mod create;
mod delete;
mod find;
pub mod flags;
mod trace;
pub mod traits;
mod update;

pub use create::create;
pub use delete::delete;
pub use find::{Search, find, list};
pub use trace::{TracedIdentity, trace};
pub use update::update;

use crate::error::{Error, Invalid, Result};
use crate::flags::identity_overrides as overrides;
use crate::work::Work;
use liftgate_model::environment::Environment;
use liftgate_model::identity::Identity;
use serde_json::{Map, Value};

/// Notes that the answers of the environment change if the identity has overrides: snapshots carry these.
async fn note_overrides(work: &mut Work<'_>, environment: &Environment, identity: &Identity) -> Result<()> {
    if !overrides::of(&work.tx, environment, identity.id)
        .await?
        .is_empty()
    {
        work.changes(environment.id);
    }
    Ok(())
}

/// The identifier is taken. The message is plain text, not a list: the contract's shape for it.
fn taken(identifier: &str) -> Error {
    let message = format!("Identity with identifier '{identifier}' already exists in this environment");
    let mut fields = Map::new();
    fields.insert("identifier".into(), Value::from(message));
    Error::Invalid(Invalid::Fields(fields))
}
