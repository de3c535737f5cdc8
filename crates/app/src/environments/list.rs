//! Lists environments.

use crate::App;
use crate::access::OnEnvironment;
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::feature_state::Line;
use liftgate_model::{Page, ProjectId, Slice};
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::{environments, projects};

/// The environments of a project that the caller may see, by id.
///
/// # Errors
/// `Invalid` when there is no such project.
pub async fn list(
    app: &App,
    actor: &Actor,
    project: Option<ProjectId>,
    slice: Slice,
) -> Result<Page<Environment>> {
    let reader = app.store.reader();
    let found = match project {
        Some(id) => projects::find(&reader, id).await?,
        None => None,
    };
    let project = found.ok_or_else(|| Error::list("Invalid or missing value for project parameter."))?;
    let visible = app.access().visible_environments(actor, &project).await?;
    Ok(environments::list_visible(&reader, project.id, visible.as_deref(), slice).await?)
}

/// How many segment overrides are in force in an environment.
pub async fn count_segment_overrides<N>(app: &App, on: &OnEnvironment<N>) -> Result<usize> {
    let filter = StateFilter::live(&on.environment, app.clock.now());
    let states = feature_states::list(&app.store.reader(), &filter).await?;
    Ok(states
        .iter()
        .filter(|state| matches!(state.line, Line::Segment(_)))
        .count())
}
