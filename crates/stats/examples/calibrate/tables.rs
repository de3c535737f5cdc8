//! The page.

use std::fmt::Write as _;

use liftgate_stats::simulation::{Rule, SimulationReport};

use crate::goals::goals;
use crate::measure::{CONCENTRATIONS, CORRELATIONS, DESIGNS, Run, SPLITS};

/// The whole page, Markdown.
pub fn page(first: &Run, second: &Run) -> String {
    let mut page = format!(
        "# Calibration\n\n\
         How often the statistics err, cover the truth and find an effect, measured by simulation. `make calibrate` writes\n\
         this page; the same seeds give the same figures.\n\n\
         Each scenario is {} experiments of two equal arms read at 20 equally spaced looks, level .05 (Monte-Carlo standard\n\
         error of a rate of 5 %: {:.2} points). No minimum of units or conversions is applied to any rule. Under A/B the\n\
         treatment has the lift that one look finds in about four of five cases. Nothing else differs between the rules: all\n\
         read the same data.\n\n\
         The reference is an independent simulation of 2 000 experiments a scenario. Its A/A figures of the sequences in B1 are\n\
         low by chance (.006 and .012): 400 000 experiments of `crates/stats/tests/oracle/simulate_b1.py` give .0108 and .0188,\n\
         so that a run may be further than 3 standard errors from the reference there. Such a run is said to miss, all the same.\n\n{}",
        first.simulations,
        100.0 * (0.05_f64 * 0.95 / whole(first.simulations)).sqrt(),
        scenarios(),
    );
    section(&mut page, "Seeds the code was written under", first);
    section(&mut page, "Fresh seeds, chosen after the code was frozen", second);
    page
}

fn scenarios() -> String {
    let mut table = "| | metric | units per arm | lift under A/B |\n|---|---|---|---|\n".to_owned();
    for design in &DESIGNS {
        let _ = writeln!(
            table,
            "| {} | {} | {} | {:+.1} % |",
            design.name,
            design.description,
            design.units_per_arm,
            100.0 * design.lift
        );
    }
    table
}

fn section(page: &mut String, title: &str, run: &Run) {
    let _ = write!(page, "\n## {title} ({})\n\n### Goals\n\n", run.seed);
    page.push_str("| goal | measured (by scenario, where there are five) | |\n|---|---|---|\n");
    for goal in goals(run) {
        let met = if goal.met { "met" } else { "**missed**" };
        let _ = writeln!(page, "| {} | {} | {met} |", goal.text, goal.measured);
    }
    page.push_str("\n### Error: A/A tests in which the rule sees an effect\n\n");
    by_design(page, &error_rows(), &run.null);
    page.push_str("\n### Power by the end, and mean share of the sample used when stopping at the first effect seen\n\n");
    by_design(page, &power_rows(), &run.effect);
    page.push_str("\n### Coverage: experiments whose interval of the lift holds the truth, A/A\n\n");
    by_design(page, &coverage_rows(), &run.null);
    page.push_str("\n### The same, A/B\n\n");
    by_design(page, &coverage_rows(), &run.effect);
    splits(page, run);
    covariates(page, run);
}

/// A row of a table by scenario: its label and its cells.
type Row = (String, Box<dyn Fn(&SimulationReport) -> String>);

fn by_design(page: &mut String, rows: &[Row], reports: &[SimulationReport]) {
    page.push_str("| rule |");
    for design in &DESIGNS {
        let _ = write!(page, " {} |", design.name);
    }
    page.push_str("\n|---|---|---|---|---|---|\n");
    for (label, cell) in rows {
        let _ = write!(page, "| {label} |");
        for report in reports {
            let _ = write!(page, " {} |", cell(report));
        }
        page.push('\n');
    }
}

fn error_rows() -> Vec<Row> {
    let any = |rule: Rule| -> Row {
        (
            format!("{}, at every look", rule.label()),
            Box::new(move |report| share(report.of(rule).any_look.share())),
        )
    };
    let last = |rule: Rule| -> Row {
        (
            format!("{}, at the last look only", rule.label()),
            Box::new(move |report| share(report.of(rule).final_look.share())),
        )
    };
    vec![
        any(Rule::Welch),
        last(Rule::Welch),
        any(Rule::BayesFlat),
        last(Rule::BayesFlat),
        any(Rule::BayesPrior30),
        any(Rule::BayesPrior10),
        any(Rule::DeltaSequence5000),
        any(Rule::DeltaSequence),
        any(Rule::ConfidenceSequence),
        any(Rule::GroupSequential),
    ]
}

fn power_rows() -> Vec<Row> {
    let stopping = |rule: Rule| -> Row {
        (
            rule.label().to_owned(),
            Box::new(move |report| {
                let of = report.of(rule);
                format!(
                    "{} / {:.2}",
                    share(of.any_look.share()),
                    of.mean_sample_fraction()
                )
            }),
        )
    };
    let one_look: Row = (
        format!("{}, at the last look only", Rule::Welch.label()),
        Box::new(|report| format!("{} / 1.00", share(report.of(Rule::Welch).final_look.share()))),
    );
    vec![
        one_look,
        stopping(Rule::GroupSequential),
        stopping(Rule::ConfidenceSequence),
        stopping(Rule::DeltaSequence5000),
    ]
}

fn coverage_rows() -> Vec<Row> {
    let last = |rule: Rule| -> Row {
        (
            format!("{}, last look", rule.label()),
            Box::new(move |report| share(report.of(rule).coverage_final_look.share())),
        )
    };
    let all = |rule: Rule| -> Row {
        (
            format!("{}, all looks", rule.label()),
            Box::new(move |report| share(report.of(rule).coverage_all_looks.share())),
        )
    };
    vec![
        last(Rule::Welch),
        last(Rule::WelchDelta),
        all(Rule::WelchDelta),
        all(Rule::DeltaSequence5000),
        all(Rule::ConfidenceSequence),
    ]
}

fn splits(page: &mut String, run: &Run) {
    page.push_str("\n### Sample ratio: experiments of 20 looks at 1 000 units each in which the alarm is raised\n\n| check |");
    for split in SPLITS {
        let _ = write!(page, " {:.0}/{:.0} |", 100.0 * split, 100.0 * (1.0 - split));
    }
    page.push_str("\n|---|---|---|---|---|\n");
    let mut row = |label: String, cells: Vec<f64>| {
        let cells: Vec<String> = cells.into_iter().map(share).collect();
        let _ = writeln!(page, "| {label} | {} |", cells.join(" | "));
    };
    let tests = &run.splits[0];
    row(
        "chi-square, p < .001, at every look".to_owned(),
        tests
            .iter()
            .map(|report| report.chi_square_peeked.share())
            .collect(),
    );
    row(
        "chi-square, p < .001, at the last look only".to_owned(),
        tests
            .iter()
            .map(|report| report.chi_square_final.share())
            .collect(),
    );
    row(
        "chi-square, p < .05, at every look".to_owned(),
        tests
            .iter()
            .map(|report| report.chi_square_5_percent_peeked.share())
            .collect(),
    );
    for (concentration, reports) in CONCENTRATIONS.iter().zip(&run.splits) {
        row(
            format!("e-process at 1/.01, c = {concentration}"),
            reports.iter().map(|report| report.e_process.share()).collect(),
        );
    }
}

fn covariates(page: &mut String, run: &Run) {
    page.push_str(
        "\n### CUPED: 5 000 units per arm, one look\n\n| correlation | variance reduction | A/A error |\n|---|---|---|\n",
    );
    for (correlation, report) in CORRELATIONS.iter().zip(&run.covariates) {
        let _ = writeln!(
            page,
            "| {correlation} | {:.4} | {} |",
            report.variance_reduction,
            share(report.error.share())
        );
    }
}

fn share(share: f64) -> String {
    format!("{share:.4}")
}

fn whole(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}
