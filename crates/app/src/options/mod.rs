//! Multivariate options: the variants of a feature (contract, admin API, section 4.3).

mod read;
mod spread;
mod write;

pub use read::{find, find_by_uuid, list};
pub use write::{NewOption, OptionChange, create, delete, update};
pub(crate) use write::{add, remove, store};

use crate::error::Error;
use crate::features::entry;
use crate::work::Entry;
use liftgate_model::audit::ChangeType;
use liftgate_model::feature::Feature;

/// What is said of shares that sum to more than the whole.
pub(crate) const TOO_MUCH: &str = "Invalid percentage allocation";

/// 403 for who may edit features but not their options through them.
pub(crate) fn admins_only() -> Error {
    Error::Forbidden(Some(
        "User must be project admin to modify / create MV options.".into(),
    ))
}

/// The audit record of a new option.
pub(crate) fn added(feature: &Feature) -> Entry {
    let log = format!("Multivariate option added to feature '{}'.", feature.name);
    entry(feature, log, ChangeType::Create)
}
