//! Simulated experiments of two arms.

use super::generator::{Source, Sums, generator};
use super::report::{RuleReport, SimulationReport};
use super::rule::{Reader, Reading, Rule};
use super::scenario::{Metric, Scenario, Settings};
use crate::arm::{Arm, count_as_f64};
use crate::confidence_sequence::SequentialTuning;
use crate::covariate::{CovariateArm, covariate_adjusted};
use crate::effect::EffectMoments;
use crate::error::InvalidStatistics;
use crate::group_sequential::group_sequential_looks;
use crate::normal;
use crate::ratio::RatioArm;

/// Simulates experiments and reads each with every rule. `progress` is told how many are done, every so often.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for settings that cannot be simulated.
pub fn simulate(
    settings: &Settings,
    progress: &mut dyn FnMut(u64),
) -> Result<SimulationReport, InvalidStatistics> {
    const UNITS_TUNED_FOR_ELSEWHERE: f64 = 5000.0;
    const REPORT_EVERY: u64 = 100;
    settings.check()?;
    let scenario = &settings.scenario;
    let planned = 2.0 * count_as_f64(scenario.units_per_arm);
    let reader = Reader {
        alpha: settings.alpha,
        z: normal::two_sided_quantile(settings.alpha),
        planned: SequentialTuning::new(settings.alpha, settings.n_star.unwrap_or(planned))?,
        tuned_5000: SequentialTuning::new(settings.alpha, UNITS_TUNED_FOR_ELSEWHERE)?,
        true_lift: scenario.true_lift(),
    };
    let fractions: Vec<f64> = (1..=settings.looks)
        .map(|look| count_as_f64(settings.units_at(look)) / count_as_f64(scenario.units_per_arm))
        .collect();
    let bounds: Vec<Option<f64>> = group_sequential_looks(&fractions, settings.alpha, settings.spending)?
        .into_iter()
        .map(|look| look.z_bound)
        .collect();
    let sources = [Source::new(scenario, 0.0)?, Source::new(scenario, scenario.lift)?];
    let mut report = SimulationReport {
        rules: [RuleReport::default(); Rule::ALL.len()],
    };
    let mut looks: Vec<[Reading; Rule::ALL.len()]> = Vec::with_capacity(bounds.len());
    for trial in 0..settings.simulations {
        let mut random = generator(settings.seed, trial);
        let mut sums = [Sums::default(); 2];
        looks.clear();
        for (look, bound) in (1..).zip(&bounds) {
            let more = settings.units_at(look) - settings.units_at(look - 1);
            for (source, sums) in sources.iter().zip(&mut sums) {
                source.extend(sums, more, &mut random);
            }
            looks.push(match effect(scenario, &sums) {
                Some(effect) => reader.read(&effect, *bound),
                None => {
                    [Reading {
                        rejects: false,
                        covers: true,
                    }; Rule::ALL.len()]
                }
            });
        }
        report.add(&looks);
        if (trial + 1) % REPORT_EVERY == 0 {
            progress(trial + 1);
        }
    }
    progress(settings.simulations);
    Ok(report)
}

/// The effect at a look; `None` before there is one.
fn effect(scenario: &Scenario, [control, treatment]: &[Sums; 2]) -> Option<EffectMoments> {
    if scenario.covariate_correlation.is_some() {
        let adjusted = covariate_adjusted(&covariate_arm(control)?, &covariate_arm(treatment)?);
        return adjusted.ok().map(|adjusted| adjusted.effect);
    }
    if let Metric::Ratio { .. } = scenario.metric {
        return EffectMoments::of_ratios(&ratio_arm(control)?, &ratio_arm(treatment)?).ok();
    }
    let arm = |sums: &Sums| Arm::new(sums.units, sums.numerator, sums.numerator_squares).ok();
    EffectMoments::of_means(&arm(control)?, &arm(treatment)?).ok()
}

fn ratio_arm(sums: &Sums) -> Option<RatioArm> {
    let numerator = Arm::new(sums.units, sums.numerator, sums.numerator_squares).ok()?;
    let denominator = Arm::new(sums.units, sums.denominator, sums.denominator_squares).ok()?;
    RatioArm::new(numerator, denominator, sums.cross).ok()
}

fn covariate_arm(sums: &Sums) -> Option<CovariateArm> {
    let outcome = Arm::new(sums.units, sums.numerator, sums.numerator_squares).ok()?;
    let covariate = Arm::new(sums.units, sums.denominator, sums.denominator_squares).ok()?;
    CovariateArm::new(outcome, covariate, sums.cross).ok()
}
