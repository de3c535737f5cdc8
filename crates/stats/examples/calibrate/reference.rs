//! Figures of an independent simulation, of 2 000 experiments, that the measured ones must agree with.

use liftgate_stats::simulation::{Rate, Rule, RuleReport};

use crate::measure::{Run, SPLITS};

/// Experiments behind each figure of the reference.
const SIMULATIONS: f64 = 2000.0;

/// What of a rule is compared.
type Figure = fn(&RuleReport) -> Rate;

fn any(report: &RuleReport) -> Rate {
    report.any_look
}

fn last(report: &RuleReport) -> Rate {
    report.final_look
}

fn covers(report: &RuleReport) -> Rate {
    report.coverage_final_look
}

fn always_covers(report: &RuleReport) -> Rate {
    report.coverage_all_looks
}

/// Figures by scenario, of A/A tests (`false`) or of A/B tests.
const FIGURES: [(&str, Rule, bool, Figure, [f64; 5]); 20] = [
    (
        "A/A error, Welch peeked",
        Rule::Welch,
        false,
        any,
        [0.248, 0.236, 0.243, 0.214, 0.260],
    ),
    (
        "A/A error, Welch at the end",
        Rule::Welch,
        false,
        last,
        [0.043, 0.045, 0.052, 0.045, 0.050],
    ),
    (
        "A/A error, flat prior peeked",
        Rule::BayesFlat,
        false,
        any,
        [0.418, 0.410, 0.447, 0.491, 0.428],
    ),
    (
        "A/A error, flat prior at the end",
        Rule::BayesFlat,
        false,
        last,
        [0.098, 0.098, 0.097, 0.108, 0.104],
    ),
    (
        "A/A error, prior 0.3 peeked",
        Rule::BayesPrior30,
        false,
        any,
        [0.346, 0.272, 0.349, 0.331, 0.391],
    ),
    (
        "A/A error, prior 0.1 peeked",
        Rule::BayesPrior10,
        false,
        any,
        [0.142, 0.081, 0.137, 0.130, 0.267],
    ),
    (
        "A/A error, delta sequence 5000",
        Rule::DeltaSequence5000,
        false,
        any,
        [0.023, 0.074, 0.043, 0.099, 0.018],
    ),
    (
        "A/A error, delta sequence planned",
        Rule::DeltaSequence,
        false,
        any,
        [0.012, 0.046, 0.025, 0.054, 0.016],
    ),
    (
        "A/A error, Fieller sequence",
        Rule::ConfidenceSequence,
        false,
        any,
        [0.006, 0.009, 0.009, 0.006, 0.014],
    ),
    (
        "A/A error, group sequential",
        Rule::GroupSequential,
        false,
        any,
        [0.049, 0.045, 0.056, 0.042, 0.049],
    ),
    (
        "power, Welch at the end",
        Rule::Welch,
        true,
        last,
        [0.760, 0.719, 0.725, 0.708, 0.779],
    ),
    (
        "power, group sequential",
        Rule::GroupSequential,
        true,
        any,
        [0.742, 0.700, 0.710, 0.697, 0.751],
    ),
    (
        "power, Fieller sequence",
        Rule::ConfidenceSequence,
        true,
        any,
        [0.452, 0.402, 0.389, 0.388, 0.466],
    ),
    (
        "power, delta sequence 5000",
        Rule::DeltaSequence5000,
        true,
        any,
        [0.284, 0.064, 0.207, 0.158, 0.387],
    ),
    (
        "final coverage A/A, Fieller",
        Rule::Welch,
        false,
        covers,
        [0.957, 0.956, 0.948, 0.956, 0.950],
    ),
    (
        "final coverage A/A, delta",
        Rule::WelchDelta,
        false,
        covers,
        [0.957, 0.957, 0.947, 0.943, 0.953],
    ),
    (
        "coverage at all looks A/B, delta",
        Rule::WelchDelta,
        true,
        always_covers,
        [0.743, 0.726, 0.744, 0.666, 0.752],
    ),
    (
        "coverage at all looks A/A, Fieller sequence",
        Rule::ConfidenceSequence,
        false,
        always_covers,
        [0.994, 0.991, 0.992, 0.994, 0.987],
    ),
    (
        "coverage at all looks A/B, Fieller sequence",
        Rule::ConfidenceSequence,
        true,
        always_covers,
        [0.988, 0.989, 0.986, 0.989, 0.991],
    ),
    (
        "coverage at all looks A/B, delta sequence 5000",
        Rule::DeltaSequence5000,
        true,
        always_covers,
        [0.966, 0.918, 0.959, 0.911, 0.984],
    ),
];

/// Alarm rates of the e-process, by concentration and share.
const SPLIT_ALARMS: [[f64; SPLITS.len()]; 4] = [
    [0.0, 0.085, 0.907, 1.0],
    [0.0025, 0.223, 0.973, 1.0],
    [0.003, 0.299, 0.985, 1.0],
    [0.0005, 0.158, 0.962, 1.0],
];

/// One figure beside that of the reference.
pub struct Comparison {
    pub name: String,
    pub measured: Rate,
    pub reference: f64,
    /// Difference over its Monte-Carlo standard error.
    pub z: f64,
}

impl Comparison {
    fn new(name: String, measured: Rate, reference: f64) -> Self {
        let own = measured.standard_error();
        // One hit and one miss more, as for our own error.
        let share = (reference * SIMULATIONS + 1.0) / (SIMULATIONS + 2.0);
        let other = (share * (1.0 - share) / (SIMULATIONS + 2.0)).sqrt();
        Self {
            name,
            measured,
            reference,
            z: (measured.share() - reference) / own.hypot(other),
        }
    }
}

/// Every figure of the reference beside ours.
pub fn comparisons(run: &Run) -> Vec<Comparison> {
    let mut all = Vec::new();
    for (name, rule, with_effect, figure, references) in FIGURES {
        let reports = if with_effect { &run.effect } else { &run.null };
        for ((design, report), reference) in crate::measure::DESIGNS.iter().zip(reports).zip(references) {
            all.push(Comparison::new(
                format!("{name}, {}", design.name),
                figure(report.of(rule)),
                reference,
            ));
        }
    }
    for ((concentration, reports), references) in crate::measure::CONCENTRATIONS
        .iter()
        .zip(&run.splits)
        .zip(SPLIT_ALARMS)
    {
        for ((share, report), reference) in SPLITS.iter().zip(reports).zip(references) {
            all.push(Comparison::new(
                format!("split alarm, c = {concentration}, share {share}"),
                report.e_process,
                reference,
            ));
        }
    }
    all
}
