//! What must survive from look to look.

use std::collections::BTreeMap;

use serde_json::Value;

use super::looks::{self, SpentLooks};

/// What earlier looks of an experiment found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// Least anytime p-value of the split so far.
    pub srm_p_value_anytime: Option<f64>,
    /// By metric and treatment.
    pub comparisons: BTreeMap<(i64, String), ComparisonHistory>,
    /// The looks of a group sequential test; `None` before the first.
    pub looks: Option<SpentLooks>,
}

/// What earlier looks found of one treatment in one metric.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparisonHistory {
    /// Least anytime p-value so far.
    pub p_value_anytime: f64,
    /// The effect at the look of that p-value; `None` if there was none, or it was not kept.
    pub estimate_at_least_p_value: Option<f64>,
    /// When it first fell to the level.
    pub first_significant_at: Option<String>,
    /// Whether the group sequential test has stopped.
    pub crossed: bool,
    /// The effect where it stopped; `None` if it has not, or it was not kept.
    pub estimate_at_crossing: Option<f64>,
}

impl Default for ComparisonHistory {
    fn default() -> Self {
        Self {
            p_value_anytime: 1.0,
            estimate_at_least_p_value: None,
            first_significant_at: None,
            crossed: false,
            estimate_at_crossing: None,
        }
    }
}

impl History {
    /// The history that a stored payload carries; what it lacks (say, because an older version wrote it) is as before the
    /// first look.
    pub fn from_payload(payload: &Value) -> Self {
        let mut history = Self {
            srm_p_value_anytime: payload["srm"]["p_value_anytime"].as_f64(),
            comparisons: BTreeMap::new(),
            looks: looks::from_payload(payload),
        };
        for metric in payload["metrics"].as_array().into_iter().flatten() {
            let Some(metric_id) = metric["metric_id"].as_i64() else {
                continue;
            };
            for (variant, analysis) in metric["analysis"].as_object().into_iter().flatten() {
                let sequential = &analysis["sequential"];
                let scheduled = &analysis["group_sequential"];
                let found = ComparisonHistory {
                    p_value_anytime: sequential["p_value_anytime"].as_f64().unwrap_or(1.0),
                    estimate_at_least_p_value: sequential["estimate_at_least_p_value"].as_f64(),
                    first_significant_at: sequential["first_significant_at"].as_str().map(str::to_owned),
                    crossed: scheduled["crossed"] == true,
                    estimate_at_crossing: scheduled["estimate_at_crossing"].as_f64(),
                };
                history.comparisons.insert((metric_id, variant.clone()), found);
            }
        }
        history
    }

    /// What earlier looks found of a treatment.
    pub(super) fn of(&self, metric_id: i64, variant: &str) -> ComparisonHistory {
        self.comparisons
            .get(&(metric_id, variant.to_owned()))
            .cloned()
            .unwrap_or_default()
    }
}
