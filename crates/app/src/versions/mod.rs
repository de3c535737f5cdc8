//! Versions of a feature in a versioned environment (contract, admin API, section 4.8).

mod create;
mod publish;
mod read;
mod reapply;
mod states;

pub use create::{NewVersion, StateItem, create};
pub use publish::{delete, publish};
pub use read::{VersionView, find, list, states};
pub use states::{create_state, delete_state, update_state};

use crate::access::OnEnvironment;
use crate::error::{Error, Result};
use crate::features::load;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::FeatureVersion;
use liftgate_model::{FeatureId, ProjectPermission};
use liftgate_store::{Conn, feature_versions};
use uuid::Uuid;

/// The feature of the path; 404 for who does not see the project.
async fn feature<N>(conn: &impl Conn, on: &OnEnvironment<N>, id: FeatureId) -> Result<Feature> {
    if !on.project_grants.has(ProjectPermission::ViewProject) {
        return Err(Error::missing("Feature"));
    }
    load(conn, on.project.id, id).await
}

/// The version of the path: of that feature in that environment.
async fn version<N>(
    conn: &impl Conn,
    on: &OnEnvironment<N>,
    feature: &Feature,
    uuid: Uuid,
) -> Result<FeatureVersion> {
    let found = feature_versions::find(conn, uuid).await?;
    found
        .filter(|version| version.environment == on.environment.id && version.feature == feature.id)
        .ok_or_else(|| Error::missing("EnvironmentFeatureVersion"))
}

/// The unpublished version of the path.
async fn draft<N>(
    conn: &impl Conn,
    on: &OnEnvironment<N>,
    feature: &Feature,
    uuid: Uuid,
) -> Result<FeatureVersion> {
    let version = version(conn, on, feature, uuid).await?;
    if version.published {
        return Err(Error::detail("Cannot modify published version."));
    }
    Ok(version)
}
