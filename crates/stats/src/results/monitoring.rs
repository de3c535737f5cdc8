//! The sections that may be read at every look.

use super::analysis::{
    GroupSequentialAnalysis, GuardrailAnalysis, SequentialAnalysis, VariantAnalysis, VariantVerdict,
};
use super::comparison::Comparison;
use super::history::ComparisonHistory;
use super::input::{MetricRole, Progress, VerdictMethod};
use super::looks::Looks;
use crate::confidence_sequence::{DEFAULT_N_STAR, SequentialTuning, confidence_sequence};
use crate::effect::EffectMoments;
use crate::guardrail::{
    GuardrailVerdict, Margin, NonInferiority, noninferiority_test, sequential_noninferiority_test,
};

impl Comparison<'_> {
    pub(super) fn tuning(&self) -> Option<SequentialTuning> {
        let n_star = self
            .settings
            .planned_units
            .unwrap_or(crate::arm::count_as_f64(DEFAULT_N_STAR));
        SequentialTuning::new(self.settings.alpha, n_star).ok()
    }

    /// The confidence sequence. Its p-value only counts once there is enough data; what earlier looks found stays.
    pub(super) fn sequential(
        &self,
        effect: &EffectMoments,
        before: &ComparisonHistory,
        progress: &Progress,
    ) -> Option<SequentialAnalysis> {
        let tuning = self.tuning()?;
        let sequence = confidence_sequence(effect, &tuning).ok()?;
        let ready = self.is_ready();
        let now = if ready { sequence.p_value } else { 1.0 };
        let p_value_anytime = now.min(before.p_value_anytime);
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
            multiplier: sequence.multiplier,
            ci_low: sequence.ci_low,
            ci_high: sequence.ci_high,
            relative_ci_low: interval.map(|interval| interval.low),
            relative_ci_high: interval.map(|interval| interval.high),
            log_e_value: sequence.log_e_value,
            p_value_anytime,
            adjusted_p_value_anytime: None,
            first_significant_at,
        })
    }

    /// The look that was spent last, on this effect.
    pub(super) fn group_sequential(
        &self,
        effect: &EffectMoments,
        before: &ComparisonHistory,
        looks: &Looks,
    ) -> Option<GroupSequentialAnalysis> {
        let (last, looks, is_now) = looks.of(self.variant)?;
        let standard_error = effect.variance.sqrt();
        let half_width = last
            .z_bound
            .filter(|_| is_now)
            .map(|bound| bound * standard_error);
        Some(GroupSequentialAnalysis {
            information: last.information,
            z_bound: last.z_bound,
            looks,
            ci_low: half_width.map(|half_width| effect.estimate - half_width),
            ci_high: half_width.map(|half_width| effect.estimate + half_width),
            crossed: before.crossed
                || half_width
                    .is_some_and(|half_width| half_width > 0.0 && effect.estimate.abs() > half_width),
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
            let tuning = self.tuning()?;
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

    /// What a goal or a secondary metric comes to, by the one method that was chosen for it.
    pub(super) fn verdict(
        &self,
        effect: &EffectMoments,
        analysis: &VariantAnalysis,
        progress: &Progress,
    ) -> VariantVerdict {
        let sequential = analysis.sequential.as_ref();
        let is_found = |p_value: f64| p_value <= self.settings.alpha.get();
        let found = match self.settings.verdict_method {
            VerdictMethod::Sequential => sequential
                .and_then(|sequential| sequential.adjusted_p_value_anytime)
                .is_some_and(is_found),
            VerdictMethod::GroupSequential => analysis.group_sequential.is_some_and(|test| test.crossed),
            VerdictMethod::Fixed => {
                progress.is_final
                    && analysis
                        .adjusted_p_value
                        .is_some_and(|p_value| is_found(p_value.value))
            }
        };
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
