//! How the results of an experiment are judged: read, and changed before it starts (contract, statistics sections 6, 7, 11
//! to 14 and 16).

use super::{entry, find_for_update};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::work::Work;
use liftgate_model::ExperimentId;
use liftgate_model::analysis::{AnalysisMethod, AnalysisSettings, Correction};
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_stats::results::{AnalysisSettings as Judgement, VerdictMethod};
use liftgate_stats::{InvalidStatistics, NormalPrior, SignificanceLevel};
use liftgate_store::{analysis_settings, environments, experiments};

/// The settings of an experiment.
pub async fn settings<N>(app: &App, on: &OnEnvironment<N>, id: ExperimentId) -> Result<AnalysisSettings> {
    let reader = app.store.reader();
    if experiments::find(&reader, on.environment.id, id).await?.is_none() {
        return Err(Error::missing("Experiment"));
    }
    Ok(analysis_settings::find(&reader, id).await?.unwrap_or_default())
}

/// Changes the settings of an experiment by `change`.
///
/// # Errors
/// `Invalid` for settings that do not go together. `Conflict` once the experiment has started and more than `max_days`
/// would change: what is judged by rules that are chosen after a look at the numbers, is not judged.
pub async fn change_settings(
    app: &App,
    on: &OnEnvironment<Admin>,
    id: ExperimentId,
    change: impl FnOnce(&mut AnalysisSettings),
) -> Result<AnalysisSettings> {
    let work = app.begin(&on.actor).await?;
    change_in(work, &on.environment, id, change).await
}

/// The settings of an experiment, changed by `change`, which may leave them as they are, by whoever has the database.
///
/// # Errors
/// As [`change_settings`]; `NotFound` for a client key that no environment has.
pub async fn settings_of_operator(
    app: &App,
    environment_key: &str,
    id: ExperimentId,
    change: impl FnOnce(&mut AnalysisSettings),
) -> Result<AnalysisSettings> {
    let work = app.begin_as_system().await?;
    let found = environments::find_by_key(&work.tx, environment_key).await?;
    let environment = found.ok_or_else(|| Error::missing("Environment"))?;
    change_in(work, &environment, id, change).await
}

async fn change_in(
    mut work: Work<'_>,
    environment: &Environment,
    id: ExperimentId,
    change: impl FnOnce(&mut AnalysisSettings),
) -> Result<AnalysisSettings> {
    let experiment = find_for_update(&work, environment, id).await?;
    let before = analysis_settings::find(&work.tx, id).await?.unwrap_or_default();
    let mut after = before.clone();
    change(&mut after);
    check(&after)?;
    if after == before {
        return Ok(before);
    }
    let extended = AnalysisSettings {
        max_days: after.max_days,
        ..before.clone()
    };
    if experiment.started_at.is_some() && after != extended {
        return Err(Error::Conflict {
            detail: "The analysis of an experiment that has started is fixed; only max_days can change."
                .to_owned(),
            code: Some("experiment_started"),
        });
    }
    analysis_settings::put(&work.tx, id, &after).await?;
    let entry = entry(environment, &experiment, "analysis changed", ChangeType::Update);
    let entry = differences(&before, &after)
        .into_iter()
        .fold(entry, |entry, (field, old, new)| entry.with(field, old, new));
    work.audit(entry).await?;
    work.commit().await?;
    Ok(after)
}

fn check(settings: &AnalysisSettings) -> Result<()> {
    if settings.max_days < settings.min_days {
        return Err(Error::field("max_days", "Must not be less than min_days."));
    }
    if settings.method == AnalysisMethod::GroupSequential && settings.planned_units.is_none() {
        return Err(Error::field(
            "planned_units",
            "A group sequential test needs planned units.",
        ));
    }
    let is_sequential = verdict_method(settings) == VerdictMethod::Sequential;
    for (field, correction) in [
        ("goal_correction", settings.goal_correction),
        ("secondary_correction", settings.secondary_correction),
    ] {
        if correction == Correction::EBenjaminiHochberg && !is_sequential {
            return Err(Error::field(
                field,
                "Only confidence sequences have e-values: the method must be sequential.",
            ));
        }
    }
    Ok(())
}

/// The fields that differ, each with what it was and what it is, as text.
fn differences(before: &AnalysisSettings, after: &AnalysisSettings) -> Vec<(&'static str, String, String)> {
    let text = |settings: &AnalysisSettings| {
        let optional = |number: Option<String>| number.unwrap_or_else(|| "null".to_owned());
        [
            ("method", settings.method.as_str().to_owned()),
            ("alpha", settings.alpha.to_string()),
            (
                "planned_units",
                optional(settings.planned_units.map(|units| units.to_string())),
            ),
            (
                "target_lift",
                optional(settings.target_lift.map(|lift| lift.to_string())),
            ),
            ("power", settings.power.to_string()),
            ("prior.mean", settings.prior_mean.to_string()),
            ("prior.sd", settings.prior_sd.to_string()),
            ("goal_correction", settings.goal_correction.as_str().to_owned()),
            (
                "secondary_correction",
                settings.secondary_correction.as_str().to_owned(),
            ),
            ("guardrail_margin", settings.guardrail_margin.to_string()),
            ("min_days", settings.min_days.to_string()),
            ("max_days", settings.max_days.to_string()),
            (
                "covariate",
                optional(settings.covariate.map(|covariate| covariate.to_string())),
            ),
            (
                "upper_percentile",
                optional(settings.upper_percentile.map(|percentile| percentile.to_string())),
            ),
        ]
    };
    let pairs = text(before).into_iter().zip(text(after));
    pairs
        .filter(|((_, old), (_, new))| old != new)
        .map(|((field, old), (_, new))| (field, old, new))
        .collect()
}

/// The settings as the statistics take them.
pub(super) fn judgement(settings: &AnalysisSettings) -> Result<Judgement, InvalidStatistics> {
    Ok(Judgement {
        verdict_method: verdict_method(settings),
        alpha: SignificanceLevel::new(settings.alpha)?,
        planned_units: settings.planned_units.map(f64::from),
        target_lift: settings.target_lift,
        power: settings.power,
        prior: NormalPrior::new(settings.prior_mean, settings.prior_sd)?,
        goal_correction: correction(settings.goal_correction),
        secondary_correction: correction(settings.secondary_correction),
        min_days: f64::from(settings.min_days),
        max_days: f64::from(settings.max_days),
    })
}

fn verdict_method(settings: &AnalysisSettings) -> VerdictMethod {
    match (settings.method, settings.planned_units) {
        (AnalysisMethod::Auto, None) | (AnalysisMethod::Sequential, _) => VerdictMethod::Sequential,
        (AnalysisMethod::Auto, Some(_)) | (AnalysisMethod::GroupSequential, _) => {
            VerdictMethod::GroupSequential
        }
        (AnalysisMethod::Fixed, _) => VerdictMethod::Fixed,
    }
}

fn correction(name: Correction) -> liftgate_stats::Correction {
    match name {
        Correction::Holm => liftgate_stats::Correction::Holm,
        Correction::Bonferroni => liftgate_stats::Correction::Bonferroni,
        Correction::BenjaminiHochberg => liftgate_stats::Correction::BenjaminiHochberg,
        Correction::BenjaminiYekutieli => liftgate_stats::Correction::BenjaminiYekutieli,
        Correction::EBenjaminiHochberg => liftgate_stats::Correction::EBenjaminiHochberg,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_stats::DEFAULT_MARGIN;

    #[test]
    fn an_experiment_without_settings_is_judged_by_the_defaults_of_the_statistics() {
        let defaults = AnalysisSettings::default();
        assert_eq!(judgement(&defaults), Ok(Judgement::default()));
        assert!((defaults.guardrail_margin - DEFAULT_MARGIN).abs() < f64::EPSILON);
    }
}
