//! Feature states one by one (contract, admin API, sections 4.4 and 4.5).
//!
//! Environments without versioning are edited in place. Versioned ones refuse, except identity overrides and states of
//! an unpublished version: what is published changes by publishing.

mod create;
mod defaults;
mod edit;
mod read;

pub use create::{NewState, create};
pub use defaults::{NewDefault, create_default, delete_default, find_default, update_default};
pub use edit::{StateEdit, find_writable, update};
pub use read::{ListStates, StateView, find_by_uuid, list, list_in_environment};

use crate::error::{Error, Result};
use crate::flags::FlagEditor;
use crate::work::Work;
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::FeatureVersion;
use liftgate_store::feature_versions;
use uuid::Uuid;

/// 400 for a change of what is published in a versioned environment.
pub(crate) fn versioned() -> Error {
    Error::detail(
        "This environment uses v2 feature versioning. Use the environment feature version endpoint instead.",
    )
}

/// Opens for editing in place: the live states without versioning, or an unpublished version.
///
/// # Errors
/// `Invalid` when the rows are published in a versioned environment.
pub(crate) async fn open_in_place<'e, 'w>(
    work: &'e mut Work<'w>,
    environment: &'e Environment,
    feature: &'e Feature,
    version: Option<Uuid>,
) -> Result<FlagEditor<'e, 'w>> {
    match version {
        Some(uuid) => {
            let draft = draft(work, environment, feature, uuid).await?;
            FlagEditor::open_draft(work, environment, feature, draft).await
        }
        None if environment.use_v2_feature_versioning => Err(versioned()),
        None => FlagEditor::open(work, environment, feature).await,
    }
}

/// The unpublished version with that id.
async fn draft(
    work: &Work<'_>,
    environment: &Environment,
    feature: &Feature,
    uuid: Uuid,
) -> Result<FeatureVersion> {
    let found = feature_versions::find(&work.tx, uuid).await?;
    found
        .filter(|version| {
            version.environment == environment.id && version.feature == feature.id && !version.published
        })
        .ok_or_else(versioned)
}
