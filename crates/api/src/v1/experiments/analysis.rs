//! How the results of an experiment are judged. Liftgate's own.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::{Admin, ViewEnvironment};
use liftgate_app::experiments;
use liftgate_model::ExperimentId;
use liftgate_model::analysis::{AnalysisMethod, AnalysisSettings, Correction};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::Reply;

/// How the results of an experiment are judged.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AnalysisSettings)]
pub struct AnalysisBody {
    /// What goals and secondary metrics are judged by: `sequential`, confidence sequences that may be read at every look;
    /// `group_sequential`, a test that spends its level on one look a day and one at the end; `fixed`, the tests of a fixed
    /// horizon, read once at the end; `auto` (the default), `group_sequential` once units are planned, else `sequential`.
    method: &'static str,
    /// The level of a family of tests, 0.0001 to 0.5; 0.05 by default.
    alpha: f64,
    /// The planned units of control and one treatment together, at least 2; without, confidence sequences are tuned for 20,000.
    planned_units: Option<i32>,
    /// The lift of interest, a share above 0: 0.05 is 5 %. An effect that is known to be within half of it is neutral.
    target_lift: Option<f64>,
    /// The wanted probability of finding that lift, 0.5 to 0.999; 0.8 by default.
    power: f64,
    /// What is believed of lifts beforehand.
    prior: PriorBody,
    /// How the p-values of the goals are corrected: `holm` (the default), `bonferroni`, `benjamini_hochberg` or
    /// `benjamini_yekutieli`; with the method `sequential` also `e_benjamini_hochberg`, of e-values.
    goal_correction: &'static str,
    /// The same for secondary metrics; `benjamini_hochberg` by default.
    secondary_correction: &'static str,
    /// The share of control by which a guardrail may get worse, 0.0001 to 1; 0.02 by default.
    guardrail_margin: f64,
    /// Days before which nothing ships, 1 to 365; 7 by default.
    min_days: i32,
    /// Days after which the experiment is over, `min_days` to 3650; 28 by default.
    max_days: i32,
    /// Whether what identities did before their exposure is taken out of the comparison (CUPED), of every metric that sums over
    /// identities: by 14 days where the metric names none; null (the default) leaves it to the metrics.
    covariate: Option<bool>,
    /// The percentile of the numbers other than 0 at which those of identities are capped, 50 to 100, of every metric but
    /// occurrences, in place of the metric's own cap: 100 caps nothing; null (the default) leaves it to the metrics.
    upper_percentile: Option<f64>,
}

/// A normal prior of the lift.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LiftPrior)]
pub struct PriorBody {
    /// Mean, a share, -10 to 10; 0 by default.
    mean: f64,
    /// Standard deviation, a share, 0.0001 to 10; 0.3 by default.
    sd: f64,
}

impl From<AnalysisSettings> for AnalysisBody {
    fn from(settings: AnalysisSettings) -> Self {
        Self {
            method: settings.method.as_str(),
            alpha: settings.alpha,
            planned_units: settings.planned_units,
            target_lift: settings.target_lift,
            power: settings.power,
            prior: PriorBody {
                mean: settings.prior_mean,
                sd: settings.prior_sd,
            },
            goal_correction: settings.goal_correction.as_str(),
            secondary_correction: settings.secondary_correction.as_str(),
            guardrail_margin: settings.guardrail_margin,
            min_days: settings.min_days,
            max_days: settings.max_days,
            covariate: settings.covariate,
            upper_percentile: settings.upper_percentile,
        }
    }
}

/// What changes about how results are judged.
#[derive(Debug, ToSchema)]
#[schema(as = AnalysisSettingsChange)]
pub struct AnalysisChange {
    /// What decides.
    #[schema(value_type = Option<String>, example = "auto")]
    method: Patch<AnalysisMethod>,
    /// The level of a family.
    #[schema(value_type = Option<f64>, minimum = 0.0001, maximum = 0.5)]
    alpha: Patch<f64>,
    /// The planned units of control and one treatment together; null for no plan.
    #[schema(value_type = Option<i32>, minimum = 2)]
    planned_units: Patch<i32>,
    /// The lift of interest; null for none.
    #[schema(value_type = Option<f64>, minimum = 0.0001, maximum = 10)]
    target_lift: Patch<f64>,
    /// The wanted probability of finding it.
    #[schema(value_type = Option<f64>, minimum = 0.5, maximum = 0.999)]
    power: Patch<f64>,
    /// What is believed of lifts beforehand.
    #[schema(value_type = Option<PriorBody>)]
    prior: Patch<PriorChange>,
    /// How the p-values of the goals are corrected.
    #[schema(value_type = Option<String>, example = "holm")]
    goal_correction: Patch<Correction>,
    /// The same for secondary metrics.
    #[schema(value_type = Option<String>, example = "benjamini_hochberg")]
    secondary_correction: Patch<Correction>,
    /// The share of control by which a guardrail may get worse.
    #[schema(value_type = Option<f64>, minimum = 0.0001, maximum = 1)]
    guardrail_margin: Patch<f64>,
    /// Days before which nothing ships.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    min_days: Patch<i32>,
    /// Days after which the experiment is over.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 3650)]
    max_days: Patch<i32>,
    /// Whether the time before the exposure is taken into account; null leaves it to the metrics.
    #[schema(value_type = Option<bool>)]
    covariate: Patch<bool>,
    /// The percentile at which identities are capped; null leaves it to the metrics.
    #[schema(value_type = Option<f64>, minimum = 50, maximum = 100)]
    upper_percentile: Patch<f64>,
}

/// What changes about the prior.
#[derive(Debug)]
pub struct PriorChange {
    mean: Patch<f64>,
    sd: Patch<f64>,
}

/// The smallest share that is told from none.
const SMALLEST_SHARE: f64 = 0.0001;

impl Parse for PriorChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let mean = form.number("mean").min(-10.0).max(10.0).change();
        let sd = form.number("sd").min(SMALLEST_SHARE).max(10.0).change();
        Some(Self { mean: mean?, sd: sd? })
    }
}

impl Parse for AnalysisChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let method = form.choice("method", AnalysisMethod::parse).change();
        let alpha = form.number("alpha").min(SMALLEST_SHARE).max(0.5).change();
        let planned_units = form.integer("planned_units").min(2).nullable().change();
        let target_lift = form
            .number("target_lift")
            .min(SMALLEST_SHARE)
            .max(10.0)
            .nullable()
            .change();
        let power = form.number("power").min(0.5).max(0.999).change();
        let prior = form.nested("prior").change();
        let goal_correction = form.choice("goal_correction", Correction::parse).change();
        let secondary_correction = form.choice("secondary_correction", Correction::parse).change();
        let guardrail_margin = form
            .number("guardrail_margin")
            .min(SMALLEST_SHARE)
            .max(1.0)
            .change();
        let min_days = form.integer("min_days").min(1).max(365).change();
        let max_days = form.integer("max_days").min(1).max(3650).change();
        let covariate = form.boolean("covariate").nullable().change();
        let upper_percentile = form
            .number("upper_percentile")
            .min(50.0)
            .max(100.0)
            .nullable()
            .change();
        Some(Self {
            method: method?,
            alpha: alpha?,
            planned_units: planned_units?,
            target_lift: target_lift?,
            power: power?,
            prior: prior?,
            goal_correction: goal_correction?,
            secondary_correction: secondary_correction?,
            guardrail_margin: guardrail_margin?,
            min_days: min_days?,
            max_days: max_days?,
            covariate: covariate?,
            upper_percentile: upper_percentile?,
        })
    }
}

impl AnalysisChange {
    /// Makes the change.
    pub fn apply(self, settings: &mut AnalysisSettings) {
        fn set<T>(field: &mut T, change: Patch<T>) {
            if let Some(value) = change.value() {
                *field = value;
            }
        }
        set(&mut settings.method, self.method);
        set(&mut settings.alpha, self.alpha);
        set(&mut settings.power, self.power);
        set(&mut settings.goal_correction, self.goal_correction);
        set(&mut settings.secondary_correction, self.secondary_correction);
        set(&mut settings.guardrail_margin, self.guardrail_margin);
        set(&mut settings.min_days, self.min_days);
        set(&mut settings.max_days, self.max_days);
        if let Some(prior) = self.prior.value() {
            set(&mut settings.prior_mean, prior.mean);
            set(&mut settings.prior_sd, prior.sd);
        }
        if let Some(units) = self.planned_units.change() {
            settings.planned_units = units;
        }
        if let Some(lift) = self.target_lift.change() {
            settings.target_lift = lift;
        }
        if let Some(covariate) = self.covariate.change() {
            settings.covariate = covariate;
        }
        if let Some(percentile) = self.upper_percentile.change() {
            settings.upper_percentile = percentile;
        }
    }
}

/// How the results of an experiment are judged.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/analysis/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    responses((status = 200, body = AnalysisBody)))]
pub async fn read(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
) -> Result<Reply<AnalysisBody>, ApiError> {
    Ok(Reply(experiments::settings(&app, &on, id).await?.into()))
}

/// Changes how the results of an experiment are judged; what is left out stays. Once it has started only `max_days` can change.
#[utoipa::path(patch, path = "/api/liftgate/v1/environments/{environment_key}/experiments/{experiment_id}/analysis/",
    tag = "experiments", params(("environment_key" = String, Path), ("experiment_id" = i32, Path)),
    request_body = AnalysisChange,
    responses((status = 200, body = AnalysisBody), (status = 409, description = "The experiment has started")))]
pub async fn change(
    GuardedEnvironment(on): GuardedEnvironment<Admin>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<ExperimentId>,
    body: Body,
) -> Result<Reply<AnalysisBody>, ApiError> {
    let change: AnalysisChange = body.parse(Mode::Patch)?;
    let changed = experiments::change_settings(&app, &on, id, |settings| change.apply(settings)).await?;
    Ok(Reply(changed.into()))
}
