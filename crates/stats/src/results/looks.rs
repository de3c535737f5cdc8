//! The scheduled looks of a group sequential test: when one is due, and what it spends.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::input::{AnalysisInput, MetricRole, VerdictMethod};
use super::payload::treatments;
use crate::arm::count_as_f64;
use crate::group_sequential::{Look, next_look};
use crate::shares::CONTROL;
use crate::significance::SignificanceLevel;
use crate::spending::Spending;

/// Looks that were spent; once spent they are never computed again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpentLooks {
    /// The level of one comparison: that of the goals' family over its size at the first look.
    pub alpha_per_comparison: f64,
    /// The full days the experiment had run at the last look.
    pub day: f64,
    /// The looks, oldest first, by treatment.
    pub looks: BTreeMap<String, Vec<Look>>,
}

/// The looks with this one, if it was due.
#[derive(Debug, Default)]
pub(super) struct Looks {
    /// All that were spent; `None` without a plan, or before the first.
    pub(super) spent: Option<SpentLooks>,
    /// The treatments whose effects are held against a bound now.
    now: BTreeSet<String>,
}

impl Looks {
    /// Spends a look of every treatment whose information grew since the last one: one a day, at the first analysis that
    /// nobody asked for, and one at the end.
    pub(super) fn spend(input: &AnalysisInput) -> Self {
        let before = input.history.looks.clone();
        let settings = &input.settings;
        let planned = settings.planned_units.filter(|planned| *planned > 0.0);
        let (VerdictMethod::GroupSequential, Some(planned)) = (settings.verdict_method, planned) else {
            return Self::default();
        };
        let (day, progress) = (input.progress.days_run.floor(), &input.progress);
        let is_new_day = day > before.as_ref().map_or(0.0, |before| before.day);
        let Ok(alpha) = level(input, before.as_ref()) else {
            return Self::default();
        };
        if !progress.is_final && (progress.is_requested || !is_new_day) {
            return Self {
                spent: before,
                now: BTreeSet::new(),
            };
        }
        let mut looks = before.map(|before| before.looks).unwrap_or_default();
        let mut now = BTreeSet::new();
        let control = units(input, CONTROL);
        for treatment in treatments_of_goals(input) {
            let information = count_as_f64(control + units(input, treatment)) / planned;
            let of = looks.entry(treatment.clone()).or_default();
            let last = of.last().map_or(0.0, |last| last.information);
            if information.min(1.0) <= last {
                continue;
            }
            if let Ok(look) = next_look(of, information, alpha, Spending::OBrienFleming) {
                of.push(look);
                now.insert(treatment.clone());
            }
        }
        Self {
            spent: Some(SpentLooks {
                alpha_per_comparison: alpha.get(),
                day,
                looks,
            }),
            now,
        }
    }

    /// The last look of a treatment with how many there were, and whether it is this one.
    pub(super) fn of(&self, treatment: &str) -> Option<(Look, usize, bool)> {
        let looks = self.spent.as_ref()?.looks.get(treatment)?;
        Some((*looks.last()?, looks.len(), self.now.contains(treatment)))
    }
}

/// The level of one comparison: what the first look had, or an equal share of the family's.
fn level(
    input: &AnalysisInput,
    before: Option<&SpentLooks>,
) -> Result<SignificanceLevel, crate::error::InvalidStatistics> {
    let comparisons: usize = input
        .metrics
        .iter()
        .filter(|metric| metric.role == MetricRole::Goal)
        .map(|metric| treatments(metric).count())
        .sum();
    let share = input.settings.alpha.get() / count_as_f64(comparisons.max(1) as u64);
    SignificanceLevel::new(before.map_or(share, |before| before.alpha_per_comparison))
}

fn treatments_of_goals(input: &AnalysisInput) -> BTreeSet<&String> {
    let goals = input
        .metrics
        .iter()
        .filter(|metric| metric.role == MetricRole::Goal);
    goals.flat_map(treatments).collect()
}

/// The units of a variant since the start.
fn units(input: &AnalysisInput, variant: &str) -> u64 {
    let phases = input.earlier_phases.iter().map(|phase| &phase.observed);
    phases
        .chain([&input.observed])
        .filter_map(|observed| observed.get(variant))
        .sum()
}

/// The looks that a stored payload carries.
pub(super) fn from_payload(payload: &Value) -> Option<SpentLooks> {
    let stored = &payload["group_sequential"];
    let look = |look: &Value| {
        Some(Look {
            information: look["information"].as_f64()?,
            cumulative_alpha: look["cumulative_alpha"].as_f64()?,
            z_bound: look["z_bound"].as_f64(),
        })
    };
    let looks = stored["looks"].as_object()?.iter().map(|(treatment, looks)| {
        let looks: Option<Vec<Look>> = looks.as_array()?.iter().map(look).collect();
        Some((treatment.clone(), looks?))
    });
    Some(SpentLooks {
        alpha_per_comparison: stored["alpha_per_comparison"].as_f64()?,
        day: stored["day"].as_f64()?,
        looks: looks.collect::<Option<_>>()?,
    })
}
