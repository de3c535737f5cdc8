//! The sections that are read once.

use super::analysis::{
    AbsoluteAnalysis, BayesianAnalysis, CovariateAnalysis, PowerAnalysis, PriorAnalysis, RelativeAnalysis,
};
use super::comparison::Comparison;
use super::input::{AnalysisSettings, MetricData, Progress};
use crate::arm::{Arm, count_as_f64};
use crate::effect::EffectMoments;
use crate::fieller::fieller_interval;
use crate::fisher::fisher_p_value;
use crate::fixed_horizon::welch_test_with;
use crate::forecast::{RuntimeForecast, forecast_exactly};
use crate::posterior::Interval;
use crate::power::{Baseline, PowerParameters, PowerPlan};
use crate::prior::{Prior, posterior_relative};
use crate::proportions::{Proportion, newcombe_interval, score_lift_interval, score_p_value};
use crate::shares::CONTROL;
use crate::significance::SignificanceLevel;
use crate::student;

/// The plan by which the metrics of a family of `comparisons` are measured; `None` for settings that no plan can have.
pub(super) fn power_plan(settings: &AnalysisSettings, comparisons: u32) -> Option<PowerPlan> {
    // Every metric puts its own numbers in the place of these.
    let baseline = Baseline::Mean {
        mean: 1.0,
        standard_deviation: 1.0,
    };
    PowerPlan::new(&PowerParameters {
        baseline,
        alpha: settings.alpha,
        comparisons: comparisons.max(1),
        power: settings.power,
        allocation_ratio: 1.0,
        variance_reduction: 0.0,
    })
    .ok()
}

impl Comparison<'_> {
    /// The arms as counts, where the normal approximation is not to be trusted.
    fn few_events(&self) -> Option<(Proportion, Proportion)> {
        self.proportions()
            .filter(|(control, treatment)| control.has_few_events() || treatment.has_few_events())
    }

    pub(super) fn absolute(&self, effect: &EffectMoments, t_quantile: f64) -> AbsoluteAnalysis {
        let alpha = self.settings.alpha;
        let test = welch_test_with(effect, t_quantile).ok();
        if let Some((control, treatment)) = self.few_events() {
            let interval = newcombe_interval(&control, &treatment, alpha).ok();
            return AbsoluteAnalysis {
                method: "newcombe",
                estimate: effect.estimate,
                standard_error: test.map(|test| test.standard_error),
                ci_low: interval.map(|interval| interval.low),
                ci_high: interval.map(|interval| interval.high),
                p_value: score_p_value(&control, &treatment).ok(),
                fisher_p_value: fisher_p_value(&control, &treatment).ok().flatten(),
                df: None,
            };
        }
        AbsoluteAnalysis {
            method: "welch",
            estimate: effect.estimate,
            standard_error: test.map(|test| test.standard_error),
            ci_low: test.map(|test| test.ci_low),
            ci_high: test.map(|test| test.ci_high),
            p_value: test.map(|test| test.p_value),
            fisher_p_value: None,
            df: test.map(|test| test.degrees_of_freedom),
        }
    }

    /// The absolute interval at the level of one comparison of a family.
    pub(super) fn corrected_interval(
        &self,
        effect: &EffectMoments,
        alpha: SignificanceLevel,
    ) -> Option<Interval> {
        if let Some((control, treatment)) = self.few_events() {
            return newcombe_interval(&control, &treatment, alpha).ok();
        }
        let half_width =
            student::two_sided_quantile(alpha, effect.degrees_of_freedom) * effect.variance.sqrt();
        (half_width > 0.0).then_some(Interval {
            low: effect.estimate - half_width,
            high: effect.estimate + half_width,
        })
    }

    pub(super) fn relative(&self, effect: &EffectMoments, t_quantile: f64) -> RelativeAnalysis {
        let lift = effect.lift().ok();
        let (method, interval, g) = if let Some((control, treatment)) = self.few_events() {
            (
                "score",
                score_lift_interval(&control, &treatment, self.settings.alpha).ok(),
                None,
            )
        } else {
            let relative = fieller_interval(effect, t_quantile).ok();
            (
                "fieller",
                relative.and_then(|relative| relative.interval),
                relative.and_then(|relative| relative.g),
            )
        };
        RelativeAnalysis {
            status: if interval.is_some() {
                "ok"
            } else {
                "unbounded_relative"
            },
            lift,
            method,
            ci_low: interval.map(|interval| interval.low),
            ci_high: interval.map(|interval| interval.high),
            g,
        }
    }

    pub(super) fn bayesian(&self, effect: &EffectMoments, z: f64) -> Option<BayesianAnalysis> {
        let prior = self.settings.prior;
        let posterior = posterior_relative(effect, Prior::Normal(prior)).ok()?;
        let interval = posterior.interval(z);
        let direction = self.metric.direction;
        Some(BayesianAnalysis {
            prior: PriorAnalysis {
                mean: prior.mean(),
                sd: prior.standard_deviation(),
                proper: true,
            },
            lift: posterior.mean,
            ci_low: interval.low,
            ci_high: interval.high,
            chance_to_win: posterior.chance_to_win(direction),
            risk_ship: posterior.risk_ship(direction),
            risk_keep: posterior.risk_keep(direction),
            stopping_rule_valid: false,
        })
    }

    pub(super) fn covariate(&self) -> Option<CovariateAnalysis> {
        let adjusted = self.adjustment?;
        let unadjusted = match &self.metric.data {
            MetricData::RatioCovariate(of) => {
                let (control, treatment) = of.get(CONTROL).zip(of.get(self.variant))?;
                EffectMoments::of_ratios(control.after(), treatment.after()).ok()?
            }
            _ => {
                let (control, treatment) = self.arms?;
                EffectMoments::of_means(control, treatment).ok()?
            }
        };
        Some(CovariateAnalysis {
            theta: adjusted.theta,
            covariate_constant: adjusted.covariate_constant,
            variance_reduction: adjusted.variance_reduction,
            adjusted_mean_control: adjusted.adjusted_mean_control,
            adjusted_mean_treatment: adjusted.adjusted_mean_treatment,
            unadjusted_estimate: unadjusted.estimate,
            unadjusted_standard_error: unadjusted.variance.sqrt(),
        })
    }

    /// Power at the units there are: the control value and spread as they are, by the plan of the family.
    pub(super) fn power(
        &self,
        effect: &EffectMoments,
        plan: &PowerPlan,
        progress: &Progress,
    ) -> Option<PowerAnalysis> {
        let (control_units, treatment_units) = self.units()?;
        let (control_units, treatment_units) = (count_as_f64(control_units), count_as_f64(treatment_units));
        // Whatever the metric, its variance is that of a mean of as many units.
        let baseline = Baseline::Mean {
            mean: effect.baseline,
            standard_deviation: (effect.baseline_variance * control_units).sqrt(),
        };
        let reduction = self
            .adjustment
            .map_or(0.0, |adjusted| adjusted.variance_reduction);
        let plan = plan
            .with_metric(
                baseline,
                treatment_units / control_units,
                reduction.clamp(0.0, 1.0 - f64::EPSILON),
            )
            .ok()?;
        let target = self.settings.target_lift;
        let days_left = self.days_left(control_units + treatment_units, progress);
        Some(PowerAnalysis {
            mde: plan.detectable_lift(control_units, 0.0),
            at_target: target.and_then(|lift| plan.power_at(control_units, lift)),
            days_left: days_left.map(|left| left.days),
            days_left_low: days_left.map(|left| left.days_low),
            days_left_high: days_left.and_then(|left| left.days_high),
        })
    }

    /// The forecast of the pair: the units that are missing come at the pair's part of the daily new units, and the least
    /// days have to pass.
    fn days_left(&self, units: f64, progress: &Progress) -> Option<RuntimeForecast> {
        if progress.is_final {
            return None;
        }
        let missing = (self.settings.planned_units? - units).max(0.0);
        let least = whole_days(self.settings.min_days - progress.days_run);
        if missing == 0.0 {
            return Some(RuntimeForecast {
                days: least,
                days_low: least,
                days_high: Some(least),
            });
        }
        let all: f64 = self.metric.variants.values().map(Arm::units).sum();
        let pair_share = if all > units { units / all } else { 1.0 };
        let share = progress.rollout_share * pair_share;
        let forecast = forecast_exactly(missing, &progress.daily_new_units, share).ok()??;
        Some(forecast.at_least(least))
    }
}

/// Days that remain, rounded up; 0 for a number below.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to days that fit"
)]
fn whole_days(days: f64) -> u64 {
    const MOST: f64 = 1e6;
    days.clamp(0.0, MOST).ceil() as u64
}
