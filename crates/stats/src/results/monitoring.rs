//! The sections that may be read at every look.

use super::analysis::{
    GroupSequentialAnalysis, GuardrailAnalysis, SequentialAnalysis, VariantAnalysis, VariantVerdict,
};
use super::comparison::Comparison;
use super::history::ComparisonHistory;
use super::input::{AnalysisSettings, MetricRole, Progress, VerdictMethod};
use super::looks::Looks;
use crate::confidence_sequence::{DEFAULT_N_STAR, SequentialTuning, confidence_sequence};
use crate::effect::EffectMoments;
use crate::guardrail::{
    GuardrailVerdict, Margin, NonInferiority, noninferiority_test, sequential_noninferiority_test,
};

impl Comparison<'_> {
    /// The confidence sequence. Its p-value only counts once there is enough data; what earlier looks found stays.
    pub(super) fn sequential(
        &self,
        effect: &EffectMoments,
        before: &ComparisonHistory,
        progress: &Progress,
    ) -> Option<SequentialAnalysis> {
        let tuning = tuning(self.settings)?;
        let Ok(sequence) = confidence_sequence(effect, &tuning) else {
            return carried(self.settings, before);
        };
        let ready = self.is_ready();
        let now = if ready { sequence.p_value } else { 1.0 };
        let p_value_anytime = now.min(before.p_value_anytime);
        let is_least = ready && now <= before.p_value_anytime;
        let is_significant = p_value_anytime <= self.settings.alpha.get();
        let first_significant_at = before
            .first_significant_at
            .clone()
            .or_else(|| progress.as_of.clone().filter(|_| is_significant));
        let interval = sequence.relative.interval;
        Some(SequentialAnalysis {
            method: "asymptotic_cs",
            ready,
            n_star: tuning.n_star(),
            multiplier: Some(sequence.multiplier),
            ci_low: Some(sequence.ci_low),
            ci_high: Some(sequence.ci_high),
            relative_ci_low: interval.map(|interval| interval.low),
            relative_ci_high: interval.map(|interval| interval.high),
            log_e_value: Some(sequence.log_e_value),
            p_value_anytime,
            estimate_at_least_p_value: if is_least {
                Some(effect.estimate)
            } else {
                before.estimate_at_least_p_value
            },
            adjusted_p_value_anytime: None,
            first_significant_at,
        })
    }

    /// The test of non-inferiority: one that may be read at every look while the experiment runs, Welch's at its end.
    pub(super) fn guardrail(&self, effect: &EffectMoments, progress: &Progress) -> Option<GuardrailAnalysis> {
        let MetricRole::Guardrail(margin) = self.metric.role else {
            return None;
        };
        let (direction, alpha) = (self.metric.wanted, self.settings.alpha);
        let (method, test) = if progress.is_final {
            (
                "welch",
                noninferiority_test(effect, margin, direction, alpha).ok()?,
            )
        } else {
            let tuning = tuning(self.settings)?;
            let test = sequential_noninferiority_test(effect, margin, direction, &tuning, alpha).ok()?;
            ("asymptotic_cs", test)
        };
        let NonInferiority {
            p_value_noninferior,
            p_value_inferior,
            verdict,
            ..
        } = test;
        let (margin_relative, margin_absolute) = match margin {
            Margin::Relative(margin) => (Some(margin), None),
            Margin::Absolute(margin) => (None, Some(margin)),
        };
        Some(GuardrailAnalysis {
            method,
            margin_relative,
            margin_absolute,
            p_value_noninferior,
            p_value_inferior,
            verdict: if self.is_ready() {
                verdict
            } else {
                GuardrailVerdict::Uncertain
            },
        })
    }

    /// What a goal or a secondary metric comes to, by the one method that was chosen for it. An effect that was found stays
    /// found as long as it points the way it was found; one that has turned since is neither a win nor a loss.
    pub(super) fn verdict(
        &self,
        effect: &EffectMoments,
        analysis: &VariantAnalysis,
        progress: &Progress,
    ) -> VariantVerdict {
        let sequential = analysis.sequential.as_ref();
        let is_found = |p_value: f64| p_value <= self.settings.alpha.get();
        let (found, estimate_then) = match self.settings.verdict_method {
            VerdictMethod::Sequential => (
                sequential
                    .and_then(|sequential| sequential.adjusted_p_value_anytime)
                    .is_some_and(is_found),
                sequential.and_then(|sequential| sequential.estimate_at_least_p_value),
            ),
            VerdictMethod::GroupSequential => (
                analysis.group_sequential.is_some_and(|test| test.crossed),
                analysis
                    .group_sequential
                    .and_then(|test| test.estimate_at_crossing),
            ),
            VerdictMethod::Fixed => (
                progress.is_final
                    && analysis
                        .adjusted_p_value
                        .is_some_and(|p_value| is_found(p_value.value)),
                None,
            ),
        };
        let has_turned = estimate_then.is_some_and(|then| then.signum() * effect.estimate < 0.0);
        if found && has_turned {
            return VariantVerdict::Inconclusive;
        }
        if found {
            return if self.is_better(effect.estimate) {
                VariantVerdict::Win
            } else {
                VariantVerdict::Loss
            };
        }
        let neutral = self.settings.target_lift.is_some_and(|target| {
            let within = |end: Option<f64>| end.is_some_and(|end| end.abs() <= 0.5 * target.abs());
            sequential.is_some_and(|sequential| {
                sequential.ready && within(sequential.relative_ci_low) && within(sequential.relative_ci_high)
            })
        });
        if neutral {
            VariantVerdict::NeutralOk
        } else {
            VariantVerdict::Inconclusive
        }
    }
}

/// What earlier looks found, at a look that has no effect; `None` if they found nothing.
pub(super) fn carried(settings: &AnalysisSettings, before: &ComparisonHistory) -> Option<SequentialAnalysis> {
    if *before == ComparisonHistory::default() {
        return None;
    }
    Some(SequentialAnalysis {
        method: "asymptotic_cs",
        ready: false,
        n_star: tuning(settings)?.n_star(),
        multiplier: None,
        ci_low: None,
        ci_high: None,
        relative_ci_low: None,
        relative_ci_high: None,
        log_e_value: None,
        p_value_anytime: before.p_value_anytime,
        estimate_at_least_p_value: before.estimate_at_least_p_value,
        adjusted_p_value_anytime: None,
        first_significant_at: before.first_significant_at.clone(),
    })
}

/// The look that was spent last, on this effect; on none, only what earlier looks found.
pub(super) fn group_sequential(
    variant: &str,
    effect: Option<&EffectMoments>,
    before: &ComparisonHistory,
    looks: &Looks,
) -> Option<GroupSequentialAnalysis> {
    let (last, looks, is_now) = looks.of(variant)?;
    let bound = last.z_bound.filter(|_| is_now);
    let now = bound
        .zip(effect)
        .map(|(bound, effect)| (effect.estimate, bound * effect.variance.sqrt()));
    let crosses = now.filter(|(estimate, half_width)| *half_width > 0.0 && estimate.abs() > *half_width);
    Some(GroupSequentialAnalysis {
        information: last.information,
        z_bound: last.z_bound,
        looks,
        ci_low: now.map(|(estimate, half_width)| estimate - half_width),
        ci_high: now.map(|(estimate, half_width)| estimate + half_width),
        crossed: before.crossed || crosses.is_some(),
        estimate_at_crossing: if before.crossed {
            before.estimate_at_crossing
        } else {
            crosses.map(|(estimate, _)| estimate)
        },
    })
}

pub(super) fn tuning(settings: &AnalysisSettings) -> Option<SequentialTuning> {
    let n_star = settings
        .planned_units
        .unwrap_or(crate::arm::count_as_f64(DEFAULT_N_STAR));
    SequentialTuning::new(settings.alpha, n_star).ok()
}
