//! Which dimensions the results of an experiment are broken down by: read, and changed at any time, since no verdict comes
//! from them.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::experiments::{entry, find_for_update};
use crate::work::Work;
use liftgate_model::ExperimentId;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Computation, ComputationKind};
use liftgate_store::{breakdowns, computations, environments, experiments};
use std::collections::HashSet;

/// Dimensions of an experiment at most.
pub const MAX_DIMENSIONS: usize = 5;

/// Characters of the name of a dimension at most.
pub const MAX_DIMENSION_CHARACTERS: usize = 255;

/// The dimensions of an experiment, in the order in which they were named.
pub async fn dimensions<N>(app: &App, on: &OnEnvironment<N>, id: ExperimentId) -> Result<Vec<String>> {
    let reader = app.store.reader();
    if experiments::find(&reader, on.environment.id, id).await?.is_none() {
        return Err(Error::missing("Experiment"));
    }
    Ok(breakdowns::dimensions(&reader, id).await?)
}

/// Changes the dimensions of an experiment; `None` leaves them. The next run of the results is broken down by them.
///
/// # Errors
/// `Invalid` for too many, for names that are blank, too long or named twice; `Conflict` once the results are final.
pub async fn change_dimensions(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    names: Option<Vec<String>>,
) -> Result<Vec<String>> {
    let work = app.begin(&on.actor).await?;
    change_in(work, &on.environment, id, names).await
}

/// As [`change_dimensions`], by whoever has the database.
///
/// # Errors
/// As [`change_dimensions`]; `NotFound` for a client key that no environment has.
pub async fn dimensions_of_operator(
    app: &App,
    environment_key: &str,
    id: ExperimentId,
    names: Option<Vec<String>>,
) -> Result<Vec<String>> {
    let work = app.begin_as_system().await?;
    let found = environments::find_by_key(&work.tx, environment_key).await?;
    let environment = found.ok_or_else(|| Error::missing("Environment"))?;
    change_in(work, &environment, id, names).await
}

async fn change_in(
    mut work: Work<'_>,
    environment: &Environment,
    id: ExperimentId,
    names: Option<Vec<String>>,
) -> Result<Vec<String>> {
    let experiment = find_for_update(&work, environment, id).await?;
    let before = breakdowns::dimensions(&work.tx, id).await?;
    let Some(after) = names else {
        return Ok(before);
    };
    check(&after)?;
    if after == before {
        return Ok(before);
    }
    let results = computations::find(&work.tx, id, ComputationKind::Results).await?;
    let is_final = |results: &Computation| results.is_final(experiment.ended_at);
    if results.as_ref().is_some_and(is_final) {
        return Err(Error::Conflict {
            detail: "Results are final for this completed experiment.".to_owned(),
            code: Some("results_final"),
        });
    }
    breakdowns::put_dimensions(&work.tx, id, &after).await?;
    let entry = entry(environment, &experiment, "dimensions changed", ChangeType::Update);
    work.audit(entry.with("dimensions", before.join(", "), after.join(", ")))
        .await?;
    work.commit().await?;
    Ok(after)
}

fn check(names: &[String]) -> Result<()> {
    let refused = |complaint: String| Err(Error::field("dimensions", complaint));
    if names.len() > MAX_DIMENSIONS {
        return refused(format!("At most {MAX_DIMENSIONS} dimensions can be named."));
    }
    let mut seen = HashSet::new();
    for name in names {
        if name.trim().is_empty() || name.chars().count() > MAX_DIMENSION_CHARACTERS {
            return refused(format!(
                "The name of a dimension has 1 to {MAX_DIMENSION_CHARACTERS} characters."
            ));
        }
        if !seen.insert(name) {
            return refused(format!("\"{name}\" is named twice."));
        }
    }
    Ok(())
}
