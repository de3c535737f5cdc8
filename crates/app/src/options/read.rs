//! Reads options.

use crate::App;
use crate::access::need::ViewProject;
use crate::access::{OnProject, Refusal};
use crate::error::{Error, Result};
use crate::features::load;
use liftgate_model::account::Actor;
use liftgate_model::feature::MultivariateOption;
use liftgate_model::{FeatureId, OptionId};
use liftgate_store::{features, options};
use uuid::Uuid;

/// The options of a feature, by id.
///
/// # Errors
/// `NotFound` when the project has no such feature.
pub async fn list<N>(app: &App, on: &OnProject<N>, feature: FeatureId) -> Result<Vec<MultivariateOption>> {
    let reader = app.store.reader();
    let feature = load(&reader, on.project.id, feature).await?;
    Ok(options::list(&reader, feature.id).await?)
}

/// One option of a feature.
///
/// # Errors
/// `NotFound` when the project has no such feature, or the feature no such option.
pub async fn find<N>(
    app: &App,
    on: &OnProject<N>,
    feature: FeatureId,
    id: OptionId,
) -> Result<MultivariateOption> {
    let reader = app.store.reader();
    let feature = load(&reader, on.project.id, feature).await?;
    let found = options::find(&reader, feature.id, id).await?;
    found.ok_or_else(|| Error::missing("MultivariateFeatureOption"))
}

/// The option with that public id, in any project the caller may see.
///
/// # Errors
/// `NotFound` when there is none, or the caller may not see its project.
pub async fn find_by_uuid(app: &App, actor: &Actor, uuid: Uuid) -> Result<MultivariateOption> {
    const MODEL: &str = "MultivariateFeatureOption";
    let reader = app.store.reader();
    let found = options::find_by_uuid(&reader, uuid).await?;
    let option = found.ok_or_else(|| Error::missing(MODEL))?;
    let feature = features::find_by_id(&reader, option.feature).await?;
    let feature = feature.ok_or_else(|| Error::missing(MODEL))?;
    app.access()
        .project::<ViewProject>(actor, feature.project, Refusal::Hide)
        .await
        .map_err(|error| error.as_missing(MODEL))?;
    Ok(option)
}
