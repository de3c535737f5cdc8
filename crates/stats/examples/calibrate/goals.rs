//! What the figures must satisfy.

use liftgate_stats::simulation::Rule;

use crate::measure::{CONCENTRATIONS, CORRELATIONS, DESIGNS, Run, SPLITS};
use crate::reference::comparisons;

/// A goal with what was measured.
pub struct Goal {
    pub text: &'static str,
    /// The figures, in words.
    pub measured: String,
    pub met: bool,
}

/// All goals of a run.
pub fn goals(run: &Run) -> Vec<Goal> {
    let by_design = |of: &dyn Fn(usize) -> f64| (0..DESIGNS.len()).map(of).collect::<Vec<f64>>();
    let sequence = Rule::ConfidenceSequence;
    let mut goals = vec![
        each(
            "Any-look A/A error of the confidence sequence at most .050",
            &by_design(&|index| run.null[index].of(sequence).any_look.share()),
            |error| error <= 0.05,
        ),
        each(
            "Any-look A/A error of the group sequential test in [.043, .057]",
            &by_design(&|index| run.null[index].of(Rule::GroupSequential).any_look.share()),
            |error| (0.043..=0.057).contains(&error),
        ),
        each(
            "A/A error of Welch's test at one look in [.043, .057]",
            &by_design(&|index| run.null[index].of(Rule::Welch).final_look.share()),
            |error| (0.043..=0.057).contains(&error),
        ),
        each(
            "Coverage of the confidence sequence at all looks at least .95, A/A",
            &by_design(&|index| run.null[index].of(sequence).coverage_all_looks.share()),
            |coverage| coverage >= 0.95,
        ),
        each(
            "The same, A/B",
            &by_design(&|index| run.effect[index].of(sequence).coverage_all_looks.share()),
            |coverage| coverage >= 0.95,
        ),
        each(
            "Final coverage of Fieller's interval in [.940, .960], A/A",
            &by_design(&|index| run.null[index].of(Rule::Welch).coverage_final_look.share()),
            |coverage| (0.94..=0.96).contains(&coverage),
        ),
        each(
            "The same, A/B",
            &by_design(&|index| run.effect[index].of(Rule::Welch).coverage_final_look.share()),
            |coverage| (0.94..=0.96).contains(&coverage),
        ),
        each(
            "Power of the group sequential test less that of one look at least -.04",
            &by_design(&|index| {
                let report = &run.effect[index];
                report.of(Rule::GroupSequential).any_look.share() - report.of(Rule::Welch).final_look.share()
            }),
            |difference| difference >= -0.04,
        ),
        each(
            "Power of the confidence sequence at least .35",
            &by_design(&|index| run.effect[index].of(sequence).any_look.share()),
            |power| power >= 0.35,
        ),
        each(
            "Mean sample fraction of the group sequential test at most .82",
            &by_design(&|index| run.effect[index].of(Rule::GroupSequential).mean_sample_fraction()),
            |fraction| fraction <= 0.82,
        ),
    ];
    goals.extend(split_goals(run));
    goals.extend(covariate_goals(run));
    goals.push(agreement(run));
    goals
}

/// The goals that a run missed, in words.
pub fn missed(run: &Run) -> Vec<String> {
    goals(run)
        .into_iter()
        .filter(|goal| !goal.met)
        .map(|goal| format!("seed {}: {}: {}", run.seed, goal.text, goal.measured))
        .collect()
}

fn each(text: &'static str, figures: &[f64], holds: impl Fn(f64) -> bool) -> Goal {
    Goal {
        text,
        measured: figures
            .iter()
            .map(|figure| format!("{figure:.4}"))
            .collect::<Vec<_>>()
            .join(", "),
        met: figures.iter().all(|figure| holds(*figure)),
    }
}

fn split_goals(run: &Run) -> [Goal; 2] {
    let row = CONCENTRATIONS
        .iter()
        .position(|concentration| (*concentration - liftgate_stats::SRM_CONCENTRATION).abs() < 1e-9)
        .unwrap_or(0);
    let alarm = |share: f64| {
        let column = SPLITS
            .iter()
            .position(|split| (*split - share).abs() < 1e-9)
            .unwrap_or(0);
        run.splits[row][column].e_process.share()
    };
    [
        each(
            "Sequential sample ratio alarm of an even split at most .01",
            &[alarm(0.5)],
            |rate| rate <= 0.01,
        ),
        each(
            "Sequential sample ratio alarm at 52/48 and 20 000 units at least .97",
            &[alarm(0.52)],
            |rate| rate >= 0.97,
        ),
    ]
}

fn covariate_goals(run: &Run) -> [Goal; 2] {
    let off: Vec<f64> = CORRELATIONS
        .iter()
        .zip(&run.covariates)
        .map(|(correlation, report)| (report.variance_reduction - correlation * correlation).abs())
        .collect();
    let errors: Vec<f64> = run.covariates.iter().map(|report| report.error.share()).collect();
    [
        each(
            "CUPED: variance reduction off the squared correlation by at most .01",
            &off,
            |off| off <= 0.01,
        ),
        each("CUPED: A/A error in [.044, .056]", &errors, |error| {
            (0.044..=0.056).contains(&error)
        }),
    ]
}

fn agreement(run: &Run) -> Goal {
    let all = comparisons(run);
    let far: Vec<String> = all
        .iter()
        .filter(|comparison| comparison.z.abs() > 3.0)
        .map(|comparison| {
            format!(
                "{}: {:.4} against {:.4} ({:+.1} se)",
                comparison.name,
                comparison.measured.share(),
                comparison.reference,
                comparison.z
            )
        })
        .collect();
    Goal {
        text: "Each figure within 3 Monte-Carlo standard errors of the reference",
        measured: if far.is_empty() {
            format!("all {} figures", all.len())
        } else {
            format!(
                "{} of {} figures are not: {}",
                far.len(),
                all.len(),
                far.join("; ")
            )
        },
        met: far.is_empty(),
    }
}
