//! Exposures and results as they are read, and how a run is asked for (contract, admin API, section 7.8).

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use liftgate_model::experiment::{Computation, ComputationKind};
use liftgate_model::{ExperimentId, Page, Slice};
use liftgate_store::computations::{self, Run};
use liftgate_store::experiments;

/// Seconds between two requests for a run of one kind of one experiment, whoever asks.
const REFRESH_INTERVAL_SECONDS: i64 = 300;

/// The last run of one kind, if one was ever asked for, and whether it is final.
pub async fn computation<N>(
    app: &App,
    on: &OnEnvironment<N>,
    id: ExperimentId,
    kind: ComputationKind,
) -> Result<Option<(Computation, bool)>> {
    let reader = app.store.reader();
    let found = experiments::find(&reader, on.environment.id, id).await?;
    let experiment = found.ok_or_else(|| Error::missing("Experiment"))?;
    let computation = computations::find(&reader, id, kind).await?;
    Ok(computation.map(|computation| {
        let is_final = computation.is_final(experiment.ended_at);
        (computation, is_final)
    }))
}

/// Every run of one kind, newest first.
pub async fn runs<N>(
    app: &App,
    on: &OnEnvironment<N>,
    id: ExperimentId,
    kind: ComputationKind,
    slice: Slice,
) -> Result<Page<Run>> {
    let reader = app.store.reader();
    if experiments::find(&reader, on.environment.id, id).await?.is_none() {
        return Err(Error::missing("Experiment"));
    }
    Ok(computations::list_runs(&reader, id, kind, slice).await?)
}

/// Asks for a run; it happens in the background.
///
/// # Errors
/// `Invalid` before the start and once the last run is final; `Throttled` within five minutes of the last request.
pub async fn refresh(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    kind: ComputationKind,
) -> Result<()> {
    let work = app.begin(&on.actor).await?;
    let experiment = super::find_for_update(&work, &on.environment, id).await?;
    let name = kind.as_str();
    if experiment.started_at.is_none() {
        return Err(Error::detail(format!(
            "Cannot refresh {name} before the experiment starts."
        )));
    }
    let stored = computations::find_for_update(&work.tx, id, kind).await?;
    let mut computation = stored.unwrap_or(Computation {
        experiment: id,
        kind,
        as_of: None,
        last_error_at: None,
        refresh_requested_at: None,
        payload: None,
    });
    if computation.is_final(experiment.ended_at) {
        let subject = match kind {
            ComputationKind::Exposures => "Exposures",
            ComputationKind::Results => "Results",
        };
        return Err(Error::detail(format!(
            "{subject} are final for this completed experiment."
        )));
    }
    if let Some(last) = computation.refresh_requested_at {
        let waited = work.now.seconds_since(last);
        if waited < REFRESH_INTERVAL_SECONDS {
            return Err(Error::Throttled {
                detail: Some("A refresh was requested recently. Try again later.".into()),
                retry_after_seconds: u64::try_from(REFRESH_INTERVAL_SECONDS - waited).unwrap_or(1),
            });
        }
    }
    computation.refresh_requested_at = Some(work.now);
    computations::put(&work.tx, &computation).await?;
    work.commit().await?;
    app.wake_jobs();
    Ok(())
}
