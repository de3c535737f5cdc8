//! Deletes a feature with everything that hangs on it.

use super::{entry, load};
use crate::App;
use crate::access::OnProject;
use crate::access::need::DeleteFeature;
use crate::error::Result;
use crate::flags::{Subject, lock};
use crate::work::{Entry, Work};
use liftgate_model::FeatureId;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::Line;
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{environments, experiments, feature_states, features, segments};

/// Deletes a feature: its states and overrides everywhere, its experiments, running ones too, and the segments that were
/// only for it, the experiments' among them.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Conflict` while an experiment runs on it, where that locks it.
pub async fn delete(app: &App, on: &OnProject<DeleteFeature>, id: FeatureId) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    features::lock(&work.tx, id).await?;
    let feature = load(&work.tx, on.project.id, id).await?;
    lock::guard_everywhere(&mut work, &feature).await?;
    for environment in environments::list(&work.tx, feature.project).await? {
        tell(&mut work, &environment, &feature).await?;
    }
    for experiment in experiments::list_of_feature(&work.tx, id).await? {
        experiments::delete(&work.tx, experiment.id, work.now).await?;
    }
    let of_project = segments::list_all(&work.tx, feature.project).await?;
    for segment in of_project.iter().filter(|segment| segment.feature == Some(id)) {
        segments::delete(&work.tx, segment.id, work.now).await?;
    }
    feature_states::delete_of_feature(&work.tx, id, work.now).await?;
    features::delete(&work.tx, id, work.now).await?;
    let log = Subject::Default.deleted(&feature.name);
    work.audit(entry(&feature, log, ChangeType::Delete)).await?;
    work.commit().await
}

/// Writes what ends in an environment: every live segment override, and the default.
async fn tell(work: &mut Work<'_>, environment: &Environment, feature: &Feature) -> Result<()> {
    let ids = [feature.id];
    let live = StateFilter::live(environment, work.now).of(&ids);
    let states = feature_states::list(&work.tx, &live).await?;
    let overridden: Vec<_> = states
        .iter()
        .filter_map(|state| match state.line {
            Line::Segment(id) => Some(id),
            _ => None,
        })
        .collect();
    let record = |log, object| {
        let id = feature.id.0;
        Entry::in_environment(
            log,
            feature.project,
            environment.id,
            object,
            id,
            ChangeType::Delete,
        )
    };
    for segment in segments::list_by_ids(&work.tx, &overridden).await? {
        let log = Subject::Segment(&segment.name).deleted(&feature.name);
        work.audit(record(log, RelatedObject::Feature)).await?;
    }
    let log = Subject::Default.deleted(&feature.name);
    work.audit(record(log, RelatedObject::FeatureState)).await
}
