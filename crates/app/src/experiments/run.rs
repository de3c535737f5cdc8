//! Runs the computations of experiments: exposures and results from the event store, through the statistics.

use super::analysis_settings::judgement;
use super::view::ExperimentView;
use super::{breakdowns, metric_inputs, metric_overrides, phases, quantiles, view};
use crate::App;
use crate::error::{Error, Result};
use crate::time_limit::within;
use liftgate_events::{ExposureQuery, Exposures, Granularity};
use liftgate_model::analysis::AnalysisSettings;
use liftgate_model::breakdown::Breakdown;
use liftgate_model::environment::Environment;
use liftgate_model::experiment::{Computation, ComputationKind, Experiment, ExperimentStatus};
use liftgate_model::{ExperimentId, Timestamp};
use liftgate_stats::results::{History, MetricRole, Progress};
use liftgate_stats::{self as stats, Margin};
use liftgate_store::computations::{self, Run};
use liftgate_store::{self as store, analysis_settings, environments, experiments};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// How many seconds one computation may take. The others wait for it.
const COMPUTATION_SECONDS: u64 = 600;

/// Runs everything that is due, one after the other: what was asked for, what a running experiment's schedule says, and
/// the last run of one that ended. Answers how many ran.
pub async fn compute_due(app: &App) -> Result<usize> {
    let reader = app.store.reader();
    let started = experiments::list_started(&reader).await?;
    let ids: Vec<ExperimentId> = started.iter().map(|experiment| experiment.id).collect();
    let mut states: HashMap<(ExperimentId, ComputationKind), Computation> = computations::list(&reader, &ids)
        .await?
        .into_iter()
        .map(|computation| ((computation.experiment, computation.kind), computation))
        .collect();
    let now = app.clock.now();
    let mut ran = 0;
    for experiment in started {
        for kind in ComputationKind::ALL {
            let state = states.remove(&(experiment.id, *kind));
            if is_due(
                &experiment,
                state.as_ref(),
                now,
                app.settings.results_interval_seconds,
            ) {
                run_computation(app, &experiment, *kind).await?;
                ran += 1;
            }
        }
    }
    Ok(ran)
}

/// Whether a run is due.
fn is_due(
    experiment: &Experiment,
    state: Option<&Computation>,
    now: Timestamp,
    interval_seconds: i64,
) -> bool {
    if state.is_some_and(Computation::is_pending) {
        return true;
    }
    let last = state.and_then(|state| state.as_of.max(state.last_error_at));
    let rested = last.is_none_or(|last| now.seconds_since(last) >= interval_seconds);
    match experiment.status {
        ExperimentStatus::Running => rested,
        ExperimentStatus::Completed => {
            // Once at the end; a failed last run is tried again after a rest.
            let is_final = state.is_some_and(|state| state.is_final(experiment.ended_at));
            let seen_end = last.is_some_and(|last| experiment.ended_at.is_none_or(|ended| last >= ended));
            !is_final && (rested || !seen_end)
        }
        ExperimentStatus::Created | ExperimentStatus::Paused => false,
    }
}

/// Runs one computation and stores the run. A failure is stored too, and keeps the payload there was.
pub async fn run_computation(app: &App, experiment: &Experiment, kind: ComputationKind) -> Result<()> {
    let began = app.clock.now();
    let outcome = within(
        Duration::from_secs(COMPUTATION_SECONDS),
        "The computation",
        compute(app, experiment, kind, began),
    )
    .await;
    let finished = app.clock.now();
    let (computed, error) = match outcome {
        Ok(computed) => (Some(computed), None),
        Err(error) => {
            tracing::error!(experiment.id = experiment.id.0, kind = kind.as_str(), error = ?error, "experiment.computation_failed");
            (None, Some(error.to_string()))
        }
    };
    let (payload, breakdowns) = computed.map_or((None, Vec::new()), |computed| {
        (Some(computed.payload), computed.breakdowns)
    });
    let work = app.begin_as_system().await?;
    let stored = computations::find_for_update(&work.tx, experiment.id, kind).await?;
    let before = stored.unwrap_or(Computation {
        experiment: experiment.id,
        kind,
        as_of: None,
        last_error_at: None,
        refresh_requested_at: None,
        payload: None,
    });
    let after = match &payload {
        Some(payload) => Computation {
            as_of: Some(began),
            last_error_at: None,
            payload: Some(payload.clone()),
            ..before
        },
        None => Computation {
            last_error_at: Some(finished),
            ..before
        },
    };
    computations::put(&work.tx, &after).await?;
    for breakdown in &breakdowns {
        store::breakdowns::put(&work.tx, experiment.id, breakdown).await?;
    }
    let run = Run {
        experiment: experiment.id,
        kind,
        started_at: began,
        finished_at: finished,
        error,
        payload,
    };
    computations::create_run(&work.tx, &run).await?;
    work.commit().await
}

/// What a run found.
struct Computed {
    payload: Value,
    /// Beside the payload, of results.
    breakdowns: Vec<Breakdown>,
}

async fn compute(
    app: &App,
    experiment: &Experiment,
    kind: ComputationKind,
    now: Timestamp,
) -> Result<Computed> {
    let reader = app.store.reader();
    let gone = || Error::missing("Environment");
    let environment = environments::find(&reader, experiment.environment)
        .await?
        .ok_or_else(gone)?;
    let shown = view::one(&reader, &environment, experiment.clone(), now).await?;
    let query = window(&environment, &shown, now);
    match kind {
        ComputationKind::Exposures => {
            let exposures = app.events.exposures(&query).await.map_err(Error::internal)?;
            Ok(Computed {
                payload: exposures_payload(&exposures),
                breakdowns: Vec::new(),
            })
        }
        ComputationKind::Results => {
            note_phase(app, &environment, experiment, now).await?;
            let before = computations::find(&reader, experiment.id, kind).await?;
            let settings = analysis_settings::find(&reader, experiment.id).await?;
            let look = Look {
                now,
                settings: settings.unwrap_or_default(),
                dimensions: store::breakdowns::dimensions(&reader, experiment.id).await?,
                is_requested: before.as_ref().is_some_and(Computation::is_pending),
                daily_new_units: daily_new_units(app, experiment, now).await?,
                before: before.and_then(|computation| computation.payload),
            };
            results(app, &shown, &query, &look).await
        }
    }
}

/// Notes the split, which a scheduled version may have changed since the last write. After the end it stays as it is.
async fn note_phase(
    app: &App,
    environment: &Environment,
    experiment: &Experiment,
    now: Timestamp,
) -> Result<()> {
    if experiment.ended_at.is_some() {
        return Ok(());
    }
    let work = app.begin_as_system().await?;
    phases::note_one(&work.tx, environment, experiment.clone(), now).await?;
    work.commit().await
}

/// The events that count: from the start to the end, or to now; pauses included.
fn window(environment: &Environment, shown: &ExperimentView, now: Timestamp) -> ExposureQuery {
    let experiment = &shown.experiment;
    let from = experiment.started_at.unwrap_or(now);
    let until = experiment.ended_at.unwrap_or(now);
    ExposureQuery {
        environment_key: environment.api_key.clone(),
        feature_name: shown.feature.feature.name.clone(),
        from_ms: from.as_millis(),
        // The millisecond that has begun counts.
        until_ms: until.as_millis().saturating_add(1),
    }
}

fn exposures_payload(exposures: &Exposures) -> Value {
    let granularity = match exposures.granularity {
        Granularity::Hour => "hour",
        Granularity::Day => "day",
    };
    let points: Vec<Value> = exposures
        .points
        .iter()
        .map(|point| {
            let bucket = Timestamp::from_millis(point.bucket_ms)
                .to_utc()
                .format("%Y-%m-%dT%H:%M:%S+00:00");
            json!({"bucket": bucket.to_string(), "new_identities": point.new_identities})
        })
        .collect();
    json!({
        "excluded_identities": exposures.excluded_identities,
        "timeseries": {"granularity": granularity, "points": points},
    })
}

/// One look at the numbers.
struct Look {
    now: Timestamp,
    settings: AnalysisSettings,
    dimensions: Vec<String>,
    /// Whether somebody asked for it.
    is_requested: bool,
    /// New identities of each of the last full days.
    daily_new_units: Vec<f64>,
    /// The results of the run before, from which these go on.
    before: Option<Value>,
}

async fn results(app: &App, shown: &ExperimentView, query: &ExposureQuery, look: &Look) -> Result<Computed> {
    let settings = judgement(&look.settings).map_err(Error::internal)?;
    let guardrail = MetricRole::Guardrail(Margin::Relative(look.settings.guardrail_margin));
    let asked = metric_inputs::queries(&shown.metrics, settings.alpha)?;
    let asked = metric_overrides::apply(asked, &look.settings);
    let found = app
        .events
        .sufficient_statistics(query, &asked)
        .await
        .map_err(Error::internal)?;
    let reproduction = app
        .events
        .reproduction_sql(query, &asked)
        .await
        .map_err(Error::internal)?;
    let metrics = shown.metrics.iter().zip(&asked).zip(&found.metrics);
    let metrics = metrics.map(|((attached, asked), found)| {
        metric_inputs::input(attached, asked, found, guardrail, settings.alpha)
    });
    let history = look
        .before
        .as_ref()
        .map(History::from_payload)
        .unwrap_or_default();
    let mut input = stats::AnalysisInput {
        quarantined: found.quarantined_identities,
        metrics: metrics.collect(),
        settings: settings.clone(),
        progress: Progress {
            is_requested: look.is_requested,
            daily_new_units: look.daily_new_units.clone(),
            ..progress(&shown.experiment, look.now)
        },
        history,
        ..stats::AnalysisInput::default()
    };
    let mut phases = phases::observed(app, shown, query, &found.identities).await?;
    if let Some(in_force) = phases.pop() {
        input.expected_shares = in_force.expected_shares;
        input.observed = in_force.observed;
    }
    input.earlier_phases = phases;
    let payload = serde_json::to_value(stats::analyze(&input)).map_err(Error::internal)?;
    let mut payload = match payload {
        Value::Object(payload) => payload,
        _ => Map::new(),
    };
    quantiles::tell(&mut payload, &asked, &found.metrics, settings.alpha);
    payload.insert(
        "engine".into(),
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "alpha": input.settings.alpha.get(),
            "method": input.settings.verdict_method.as_str(),
            "as_of": input.progress.as_of,
            "sql": [reproduction.sql],
            "sql_is_complete": reproduction.is_complete,
            "rows_scanned": found.rows_scanned,
        }),
    );
    let study = breakdowns::Study {
        shown,
        dimensions: &look.dimensions,
        query,
        asked: &asked,
        found: &found,
        analysis: &input,
    };
    Ok(Computed {
        payload: Value::Object(payload),
        breakdowns: study.compute(app, look.now).await?,
    })
}

/// The new identities of each of the last seven full days, in UTC, as the last run of the exposures saw them: all variants
/// together, oldest day first. Days before the first full one of the experiment are left out.
async fn daily_new_units(app: &App, experiment: &Experiment, now: Timestamp) -> Result<Vec<f64>> {
    const DAY_MS: i64 = 86_400_000;
    const DAYS: i64 = 7;
    let Some(started_at) = experiment.started_at else {
        return Ok(Vec::new());
    };
    let exposures =
        computations::find(&app.store.reader(), experiment.id, ComputationKind::Exposures).await?;
    let Some((payload, as_of)) = exposures.and_then(|run| run.payload.zip(run.as_of)) else {
        return Ok(Vec::new());
    };
    let seen_until = as_of.min(now).as_millis().div_euclid(DAY_MS);
    let first_full = (started_at.as_millis() + DAY_MS - 1).div_euclid(DAY_MS);
    let mut counts: BTreeMap<i64, f64> = (first_full.max(seen_until - DAYS)..seen_until)
        .map(|day| (day, 0.0))
        .collect();
    for point in payload["timeseries"]["points"].as_array().into_iter().flatten() {
        let bucket = point["bucket"].as_str().and_then(Timestamp::parse);
        let Some(of_day) = bucket.and_then(|bucket| counts.get_mut(&bucket.as_millis().div_euclid(DAY_MS)))
        else {
            continue;
        };
        let identities = point["new_identities"].as_object().into_iter().flatten();
        *of_day += identities.filter_map(|(_, count)| count.as_f64()).sum::<f64>();
    }
    Ok(counts.into_values().collect())
}

/// How far the experiment is. Everything that enters is part of it, so the share that enters is that of the rollout.
fn progress(experiment: &Experiment, now: Timestamp) -> Progress {
    let until = experiment.ended_at.unwrap_or(now);
    let seconds = experiment
        .started_at
        .map_or(0, |started| until.seconds_since(started));
    // Days are counted in whole hours: no experiment is judged by its minutes.
    let hours = u32::try_from(seconds / 3600).unwrap_or(0);
    Progress {
        as_of: Some(now.to_iso()),
        days_run: f64::from(hours) / 24.0,
        is_final: experiment.ended_at.is_some(),
        // Everybody who is counted has entered.
        rollout_share: 1.0,
        ..Progress::default()
    }
}
