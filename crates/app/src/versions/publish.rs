//! Puts versions into force, and throws drafts away.

use super::read::VersionView;
use super::reapply::reapply;
use super::{feature, version};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::UpdateFeatureState;
use crate::error::{Error, Result};
use crate::flags::FlagEditor;
use liftgate_model::{FeatureId, Timestamp};
use liftgate_store::{feature_versions, features};
use uuid::Uuid;

/// Publishes a version, from a time on: the one given, the one it was made with, or now. One that is published and not
/// yet in force may be moved; one that is in force stays as it is.
///
/// # Errors
/// `NotFound` as for [`super::states()`]; `Invalid` when a version in force is given another time.
pub async fn publish(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    uuid: Uuid,
    live_from: Option<Timestamp>,
) -> Result<VersionView> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    features::lock(&work.tx, feature.id).await?;
    let version = version(&work.tx, on, &feature, uuid).await?;
    if version.is_live(work.now) {
        return match live_from {
            None => Ok(VersionView::of(app, version)),
            Some(_) => Err(Error::detail("Cannot modify published version.")),
        };
    }
    let time = live_from.or(version.live_from);
    let was_published = version.published;
    let version = liftgate_model::feature_state::FeatureVersion {
        published: false,
        ..version
    };
    let mut editor = FlagEditor::open_draft(&mut work, &on.environment, &feature, version).await?;
    if !was_published {
        reapply(app, &mut editor, &on.environment, &feature).await?;
    }
    let version = editor.publish(time).await?;
    let version = version.ok_or_else(|| Error::internal("a version that was published is not there"))?;
    work.commit().await?;
    Ok(VersionView::of(app, version))
}

/// Removes a version that is not in force, with its states.
///
/// # Errors
/// `NotFound` as for [`super::states()`]; `Invalid` when it is or was in force.
pub async fn delete(
    app: &App,
    on: &OnEnvironment<UpdateFeatureState>,
    id: FeatureId,
    uuid: Uuid,
) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    let feature = feature(&work.tx, on, id).await?;
    let version = version(&work.tx, on, &feature, uuid).await?;
    if version.is_live(work.now) {
        return Err(Error::detail("Cannot delete a live version."));
    }
    feature_versions::delete(&work.tx, version.uuid).await?;
    if version.published {
        // Copies of the environment have it as what will be.
        work.changes(on.environment.id);
    }
    work.commit().await
}
