//! What to do about an experiment (contract, statistics section 16).

use serde::{Deserialize, Serialize};

use crate::guardrail::GuardrailVerdict;
use crate::srm::QUARANTINE_FAIL_SHARE;

/// Days that an experiment runs at least, by default.
pub const DEFAULT_MIN_DAYS: u32 = 7;

/// Days that an experiment runs at most, by default.
pub const DEFAULT_MAX_DAYS: u32 = 28;

/// What a goal metric says of a treatment, corrected for the family and by a method that allows the looks taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GoalVerdict {
    /// Better than control.
    Win,
    /// Worse than control.
    Loss,
    /// The whole interval lies within half the smallest effect of interest around zero.
    NeutralOk,
    /// None of these.
    Inconclusive,
}

/// Everything that a decision depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionInput {
    /// Whether the sample ratio alarm was raised.
    pub srm: bool,
    /// Whether a variant that should get nobody got somebody.
    pub leaked: bool,
    /// Units seen in more than one variant, over all.
    pub quarantined_share: f64,
    /// The guardrails, each with what it is called in the reasons.
    pub guardrails: Vec<(String, GuardrailVerdict)>,
    /// The goals, each with what it is called in the reasons.
    pub goals: Vec<(String, GoalVerdict)>,
    /// Days since the start.
    pub days_run: f64,
    /// Days that must pass before anything ships.
    pub min_days: f64,
    /// Days after which the experiment ends whatever it says; `None` for no limit.
    pub max_days: Option<f64>,
    /// Whether the planned units are there.
    pub reached_n_star: bool,
}

/// What to do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The data cannot be trusted: find out why.
    Investigate,
    /// The treatment harms.
    Rollback,
    /// Not enough is known yet.
    KeepRunning,
    /// The treatment is better.
    Ship,
    /// More of the same will not tell.
    StopInconclusive,
}

/// A decision with what decided it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// The inputs that decided it, in words.
    pub because: Vec<String>,
}

/// Applies the rules in their order; the first that holds decides.
///
/// # Formula
/// 1 mismatch, leak or quarantined share above 0.05: investigate. 2 a guardrail fails: roll back. 3 a goal loses: roll back.
/// 4 before the least days: keep running. 5 a goal wins, all others win or are neutral, all guardrails pass: ship. 6 the
/// most days or the planned units are reached: stop. 7 keep running.
///
/// # Source
/// Contract, statistics section 16 (vectors `decision`).
pub fn decide(input: &DecisionInput) -> Verdict {
    let verdict = |decision, because| Verdict { decision, because };
    let distrust = reasons_for_distrust(input);
    if !distrust.is_empty() {
        return verdict(Decision::Investigate, distrust);
    }
    let failed = named(&input.guardrails, &GuardrailVerdict::Fail, "fails");
    if !failed.is_empty() {
        return verdict(Decision::Rollback, failed);
    }
    let lost = named(&input.goals, &GoalVerdict::Loss, "loses");
    if !lost.is_empty() {
        return verdict(Decision::Rollback, lost);
    }
    let day = |limit: f64| format!("day {} of {limit}", input.days_run);
    let mut open = named(&input.goals, &GoalVerdict::Inconclusive, "inconclusive");
    open.extend(named(
        &input.guardrails,
        &GuardrailVerdict::Uncertain,
        "uncertain",
    ));
    if input.days_run < input.min_days {
        open.push(day(input.min_days));
        return verdict(Decision::KeepRunning, open);
    }
    let won = named(&input.goals, &GoalVerdict::Win, "wins");
    if !won.is_empty() && open.is_empty() {
        return verdict(Decision::Ship, won);
    }
    if won.is_empty() && open.is_empty() {
        open.push("no goal wins".to_owned());
    }
    let over = input.max_days.filter(|max_days| input.days_run >= *max_days);
    if let Some(max_days) = over {
        open.push(day(max_days));
    }
    if input.reached_n_star {
        open.push("the planned units are there".to_owned());
    }
    if over.is_some() || input.reached_n_star {
        verdict(Decision::StopInconclusive, open)
    } else {
        verdict(Decision::KeepRunning, open)
    }
}

fn reasons_for_distrust(input: &DecisionInput) -> Vec<String> {
    let mut reasons = Vec::new();
    if input.srm {
        reasons.push("sample ratio mismatch".to_owned());
    }
    if input.leaked {
        reasons.push("a variant without share got units".to_owned());
    }
    if input.quarantined_share > QUARANTINE_FAIL_SHARE {
        reasons.push(format!("quarantined share {:.4}", input.quarantined_share));
    }
    reasons
}

/// `"goal 2 wins"` for each metric of that verdict.
fn named<V: PartialEq>(metrics: &[(String, V)], wanted: &V, verb: &str) -> Vec<String> {
    metrics
        .iter()
        .filter(|(_, verdict)| verdict == wanted)
        .map(|(name, _)| format!("{name} {verb}"))
        .collect()
}
