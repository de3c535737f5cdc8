//! How the units of an experiment are meant to divide over its variants.

use std::collections::BTreeMap;

use crate::error::InvalidStatistics;

/// Key of the control variant.
pub const CONTROL: &str = "control";

/// Expected shares of the variants, normalised to sum to 1; a variant that should get nobody has share 0. May be
/// empty: then nothing is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExpectedShares(BTreeMap<String, f64>);

impl ExpectedShares {
    /// Takes weights on any scale (fractions, percentages, ratios) by variant key.
    ///
    /// # Errors
    /// [`InvalidStatistics::Share`] for a weight that is neither 0 nor between 1e-100 and 1e100, and
    /// [`InvalidStatistics::DuplicateVariant`].
    pub fn new<K: Into<String>>(
        weights: impl IntoIterator<Item = (K, f64)>,
    ) -> Result<Self, InvalidStatistics> {
        let mut shares = BTreeMap::new();
        for (variant, weight) in weights {
            let variant = variant.into();
            if weight != 0.0 && !(1e-100..=1e100).contains(&weight) {
                return Err(InvalidStatistics::Share {
                    variant,
                    share: weight,
                });
            }
            if shares.insert(variant.clone(), weight).is_some() {
                return Err(InvalidStatistics::DuplicateVariant(variant));
            }
        }
        let total: f64 = shares.values().sum();
        if total > 0.0 {
            for share in shares.values_mut() {
                *share /= total;
            }
        }
        Ok(Self(shares))
    }

    /// Takes the percentage allocations of the rollout override in force, 0 to 100 by treatment key; [`CONTROL`] gets
    /// the remainder (contract, statistics section 9).
    ///
    /// A remainder within 1e-9 of zero is rounding (nine times 11.1 and 0.1) and counts as zero.
    ///
    /// # Errors
    /// [`InvalidStatistics::OverAllocated`] if the allocations exceed 100, and as [`ExpectedShares::new`] (a treatment
    /// called `control` is a duplicate).
    pub fn from_allocations<K: Into<String>>(
        allocations: impl IntoIterator<Item = (K, f64)>,
    ) -> Result<Self, InvalidStatistics> {
        const ROUNDING: f64 = 1e-9;
        let mut weights: Vec<(String, f64)> = allocations
            .into_iter()
            .map(|(variant, percentage)| (variant.into(), percentage))
            .collect();
        let allocated: f64 = weights.iter().map(|(_, percentage)| percentage).sum();
        let remainder = 100.0 - allocated;
        if remainder < -ROUNDING {
            return Err(InvalidStatistics::OverAllocated(allocated));
        }
        weights.push((
            CONTROL.to_owned(),
            if remainder < ROUNDING { 0.0 } else { remainder },
        ));
        Self::new(weights)
    }

    /// Share of a variant, 0 to 1; 0 for a variant that is not expected.
    pub fn share(&self, variant: &str) -> f64 {
        self.0.get(variant).copied().unwrap_or(0.0)
    }

    /// Variants and shares in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(variant, share)| (variant.as_str(), *share))
    }

    /// Share and observed units of each variant that should get any, in the order of their keys; shares sum to 1.
    pub fn live(&self, observed: &BTreeMap<String, u64>) -> Vec<(f64, u64)> {
        self.iter()
            .filter(|(_, share)| *share > 0.0)
            .map(|(variant, share)| (share, observed.get(variant).copied().unwrap_or(0)))
            .collect()
    }

    /// Whether no split is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
