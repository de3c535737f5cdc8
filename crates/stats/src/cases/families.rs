//! Methods over several variants, tests or groups.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::input::{count, direction, five_percent};
use super::{Outcome, read};
use crate::best_arm::{DEFAULT_FLOOR, bandit_weights, best_arm_probabilities};
use crate::error::InvalidStatistics;
use crate::heterogeneity::{GroupEffect, heterogeneity as test_of_groups};
use crate::multiplicity::{Correction, e_benjamini_hochberg};
use crate::posterior::NormalPosterior;
use crate::shares::ExpectedShares;
use crate::srm::sample_ratio_test;
use crate::srm_sequential::{SRM_CONCENTRATION, sequential_sample_ratio};

#[derive(Deserialize)]
struct SplitInput {
    observed: Vec<f64>,
    #[serde(alias = "shares")]
    weights: Vec<f64>,
    concentration: Option<f64>,
}

impl SplitInput {
    /// Expected shares and observed units, by the index of the variant.
    fn split(&self) -> Result<(ExpectedShares, BTreeMap<String, u64>), InvalidStatistics> {
        same_length(
            "observed and expected shares",
            [self.observed.len(), self.weights.len()],
        )?;
        let keys = (0..).map(|index: u32| format!("variant {index}"));
        let expected = ExpectedShares::new(keys.clone().zip(self.weights.iter().copied()))?;
        let units = self
            .observed
            .iter()
            .map(|units| count("observed", *units))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((expected, keys.zip(units).collect()))
    }
}

fn same_length(names: &'static str, lengths: [usize; 2]) -> Result<(), InvalidStatistics> {
    if lengths[0] == lengths[1] {
        Ok(())
    } else {
        Err(InvalidStatistics::Lengths { names, lengths })
    }
}

pub(super) fn srm_chi2(input: &Value) -> Outcome {
    let (expected, observed) = read::<SplitInput>(input)?.split()?;
    let test = sample_ratio_test(&expected, &observed);
    Ok(json!({
        "status": test.status,
        "statistic": test.statistic,
        "df": test.degrees_of_freedom,
        "p_value": test.p_value,
        "leaked": test.leaked,
    }))
}

pub(super) fn srm_sequential(input: &Value) -> Outcome {
    let input: SplitInput = read(input)?;
    let concentration =
        crate::error::moderate_positive("concentration", input.concentration.unwrap_or(SRM_CONCENTRATION))?;
    let (expected, observed) = input.split()?;
    let leaked = sample_ratio_test(&expected, &observed).leaked;
    let test = sequential_sample_ratio(&expected.live(&observed), concentration);
    Ok(json!({
        "log_e_value": test.log_e_value,
        "p_value": test.p_value,
        "leaked": leaked,
    }))
}

#[derive(Deserialize)]
struct FamilyInput {
    p_values: Vec<Option<f64>>,
    #[serde(default)]
    e_values: Vec<Option<f64>>,
    #[serde(default = "five_percent")]
    q: f64,
}

pub(super) fn multiple_testing(input: &Value) -> Outcome {
    let input: FamilyInput = read(input)?;
    Ok(json!({
        "holm": Correction::Holm.adjust(&input.p_values)?,
        "benjamini_hochberg": Correction::BenjaminiHochberg.adjust(&input.p_values)?,
        "benjamini_yekutieli": Correction::BenjaminiYekutieli.adjust(&input.p_values)?,
        "bonferroni": Correction::Bonferroni.adjust(&input.p_values)?,
        "e_bh_rejected": e_benjamini_hochberg(&input.e_values, input.q)?,
    }))
}

#[derive(Deserialize)]
struct BanditInput {
    posterior_means: Vec<f64>,
    posterior_sds: Vec<f64>,
    #[serde(default)]
    lower_is_better: bool,
    #[serde(default = "default_floor")]
    floor: f64,
}

fn default_floor() -> f64 {
    DEFAULT_FLOOR
}

pub(super) fn thompson(input: &Value) -> Outcome {
    let input: BanditInput = read(input)?;
    same_length(
        "posterior_means and posterior_sds",
        [input.posterior_means.len(), input.posterior_sds.len()],
    )?;
    let posteriors: Vec<NormalPosterior> = input
        .posterior_means
        .iter()
        .zip(&input.posterior_sds)
        .map(|(mean, standard_deviation)| NormalPosterior {
            mean: *mean,
            standard_deviation: *standard_deviation,
        })
        .collect();
    let probabilities = best_arm_probabilities(&posteriors, direction(input.lower_is_better))?;
    Ok(json!({
        "weights": bandit_weights(&probabilities, input.floor)?,
        "best_arm_probability": probabilities,
    }))
}

#[derive(Deserialize)]
struct GroupsInput {
    effects: Vec<f64>,
    standard_errors: Vec<f64>,
}

pub(super) fn heterogeneity(input: &Value) -> Outcome {
    let input: GroupsInput = read(input)?;
    same_length(
        "effects and standard_errors",
        [input.effects.len(), input.standard_errors.len()],
    )?;
    let groups = input
        .effects
        .iter()
        .zip(&input.standard_errors)
        .map(|(effect, standard_error)| GroupEffect::new(*effect, *standard_error))
        .collect::<Result<Vec<_>, _>>()?;
    let test = test_of_groups(&groups)?;
    Ok(json!({
        "pooled": test.pooled,
        "pooled_se": test.pooled_standard_error,
        "q": test.q,
        "df": test.degrees_of_freedom,
        "p_value": test.p_value,
        "i_squared": test.i_squared,
    }))
}
