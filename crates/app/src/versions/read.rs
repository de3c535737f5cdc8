//! Reads versions and what is in them.

use super::{feature, version};
use crate::App;
use crate::access::need::ViewEnvironment;
use crate::access::{OnEnvironment, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::feature_state::{FeatureState, FeatureVersion};
use liftgate_model::{FeatureId, Page, Slice};
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::feature_versions;
use uuid::Uuid;

/// A version, and how it stands now.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// The version.
    pub version: FeatureVersion,
    /// Whether it is published and its time has come.
    pub is_live: bool,
    /// The version that was in force before; known where one version is asked for.
    pub previous: Option<Uuid>,
}

impl VersionView {
    /// How a version stands now.
    pub(super) fn of(app: &App, version: FeatureVersion) -> Self {
        Self {
            is_live: version.is_live(app.clock.now()),
            version,
            previous: None,
        }
    }
}

/// The versions of a feature in an environment, the last to come into force first; only live ones or only others, or all.
///
/// # Errors
/// `NotFound` when the project has no such feature, or the caller does not see the project.
pub async fn list(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: FeatureId,
    is_live: Option<bool>,
    slice: Slice,
) -> Result<Page<VersionView>> {
    let reader = app.store.reader();
    let feature = feature(&reader, on, id).await?;
    let live = is_live.map(|live| (live, app.clock.now()));
    let page = feature_versions::list(&reader, on.environment.id, feature.id, live, slice).await?;
    Ok(page.map(|version| VersionView::of(app, version)))
}

/// The version with that id, in any environment.
///
/// # Errors
/// `NotFound` when there is none, `Forbidden` when the caller may not view its environment.
pub async fn find(app: &App, actor: &Actor, uuid: Uuid) -> Result<VersionView> {
    let reader = app.store.reader();
    let found = feature_versions::find(&reader, uuid).await?;
    let version = found.ok_or_else(|| Error::missing("EnvironmentFeatureVersion"))?;
    app.access()
        .environment_by_id::<ViewEnvironment>(actor, version.environment, Refusal::Hide)
        .await
        .map_err(|error| error.as_missing("EnvironmentFeatureVersion"))?;
    let previous = feature_versions::find_previous(&reader, &version, app.clock.now()).await?;
    Ok(VersionView {
        previous: previous.map(|version| version.uuid),
        ..VersionView::of(app, version)
    })
}

/// The states of a version, by id.
///
/// # Errors
/// `NotFound` when the project has no such feature, the feature no such version in the environment, or the caller does
/// not see the project.
pub async fn states(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    id: FeatureId,
    uuid: Uuid,
) -> Result<Vec<FeatureState>> {
    let reader = app.store.reader();
    let feature = feature(&reader, on, id).await?;
    let version = version(&reader, on, &feature, uuid).await?;
    let filter = StateFilter::version(on.environment.id, version.uuid);
    Ok(feature_states::list(&reader, &filter).await?)
}
