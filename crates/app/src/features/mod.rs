//! Features: what can be switched in a project (contract, admin API, section 4.1).

mod create;
mod delete;
mod lifecycle;
mod list;
mod name;
mod owners;
mod update;
mod view;

pub use create::{NewFeature, NewFeatureOption, create};
pub use delete::delete;
pub use lifecycle::{LifecycleStage, count_stages};
pub use liftgate_store::features::Owners;
pub use list::{ListFeatures, list};
pub use owners::{add_group_owners, add_owners, remove_group_owners, remove_owners};
pub use update::{FeatureChange, FeatureOption, update};
pub use view::{FeatureView, Within, find, find_by_uuid};

use crate::error::{Error, Result};
use crate::work::Entry;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::feature::Feature;
use liftgate_model::{FeatureId, ProjectId, TagId};
use liftgate_store::{Conn, features, tags};

/// The feature with that id in a project.
pub(crate) async fn load(conn: &impl Conn, project: ProjectId, id: FeatureId) -> Result<Feature> {
    let found = features::find(conn, project, id).await?;
    found.ok_or_else(|| Error::missing("Feature"))
}

/// The audit record of something that happened to a feature.
pub(crate) fn entry(feature: &Feature, log: String, change: ChangeType) -> Entry {
    Entry::in_project(log, feature.project, RelatedObject::Feature, feature.id.0, change)
}

/// The audit record of a change to a feature.
pub(crate) fn updated(feature: &Feature) -> Entry {
    let log = format!("Flag / Remote Config updated: {}", feature.name);
    entry(feature, log, ChangeType::Update)
}

/// The tags to give a feature: each once, ascending.
async fn check_tags(conn: &impl Conn, project: ProjectId, mut ids: Vec<TagId>) -> Result<Vec<TagId>> {
    ids.sort_unstable();
    ids.dedup();
    let projects = tags::list_projects(conn, &ids).await?;
    if let Some(unknown) = ids.iter().find(|id| !projects.contains_key(id)) {
        return Err(Error::unknown_pk("tags", unknown.0));
    }
    if projects.values().any(|of| *of != project) {
        return Err(Error::non_field(
            "Selected Tags must be from the same Project as current Feature",
        ));
    }
    Ok(ids)
}
