//! Corrections for asking several questions at once (contract, statistics section 11).
//!
//! A family is the goal metrics times the treatments of one experiment. `None` is a question without an answer: it
//! keeps its place and does not count.

use crate::error::{InvalidStatistics, in_range};

/// How the p-values of a family are corrected.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Correction {
    /// Family-wise error rate: the chance of one false finding or more. The default of goal metrics.
    Holm,
    /// False discovery rate of independent or positively dependent tests. The default of secondary metrics.
    BenjaminiHochberg,
    /// False discovery rate under any dependence.
    BenjaminiYekutieli,
    /// Family-wise error rate, each p-value by itself; the one that intervals can follow (`alpha / m`).
    Bonferroni,
    /// False discovery rate under any dependence and at any time, of the inverses of e-values.
    EBenjaminiHochberg,
}

impl Correction {
    /// The name in payloads.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holm => "holm",
            Self::BenjaminiHochberg => "benjamini_hochberg",
            Self::BenjaminiYekutieli => "benjamini_yekutieli",
            Self::Bonferroni => "bonferroni",
            Self::EBenjaminiHochberg => "e_benjamini_hochberg",
        }
    }

    /// The correction of a family's p-values that are no inverses of e-values: its own, but that of e-values leaves them to
    /// Benjamini and Yekutieli, which asks as little of them.
    #[must_use]
    pub fn of_p_values(self) -> Self {
        match self {
            Self::EBenjaminiHochberg => Self::BenjaminiYekutieli,
            other => other,
        }
    }

    /// Adjusted p-values, in the order given, each to be compared with the level itself.
    ///
    /// # Formula
    /// Over the `m` p-values in ascending order, rank `i` from 1. Holm: running maximum of `(m - i + 1) p_i`.
    /// Benjamini-Hochberg: running minimum from the end of `m p_i / i`; Benjamini-Yekutieli: the same times
    /// `sum_{j <= m} 1/j`. Bonferroni: `m p_i`. All at most 1. For e-values, `p_i = min(1, 1/e_i)` is put into
    /// Benjamini-Hochberg: what is at most `q` then is what [`e_benjamini_hochberg`] finds at `q`.
    ///
    /// # Errors
    /// [`InvalidStatistics::OutOfRange`] for a p-value outside 0 to 1.
    ///
    /// # Source
    /// Holm (1979), Scand. J. Statist. 6; Benjamini & Hochberg (1995), J. R. Statist. Soc. B 57; Benjamini & Yekutieli
    /// (2001), Ann. Statist. 29; Wang & Ramdas (2022) for e-values. Confirmed by statsmodels `multipletests` (vectors `multiple_testing`).
    pub fn adjust(self, p_values: &[Option<f64>]) -> Result<Vec<Option<f64>>, InvalidStatistics> {
        let mut ranked = Vec::with_capacity(p_values.len());
        for (place, p_value) in p_values.iter().enumerate() {
            if let Some(p) = *p_value {
                in_range("p_value", "between 0 and 1", p, (0.0..=1.0).contains(&p))?;
                ranked.push((p, place));
            }
        }
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = as_f64(ranked.len());
        let mut adjusted = vec![None; p_values.len()];
        let mut keep = |place: usize, value: f64| adjusted[place] = Some(value.min(1.0));
        match self {
            Self::Bonferroni => {
                for &(p, place) in &ranked {
                    keep(place, count * p);
                }
            }
            Self::Holm => {
                let mut largest = 0.0_f64;
                for (index, &(p, place)) in ranked.iter().enumerate() {
                    largest = largest.max((count - as_f64(index)) * p);
                    keep(place, largest);
                }
            }
            Self::BenjaminiHochberg | Self::BenjaminiYekutieli | Self::EBenjaminiHochberg => {
                let dependence = if self == Self::BenjaminiYekutieli {
                    (1..=ranked.len()).map(|rank| 1.0 / as_f64(rank)).sum()
                } else {
                    1.0
                };
                let mut smallest = 1.0_f64;
                for (index, &(p, place)) in ranked.iter().enumerate().rev() {
                    smallest = smallest.min(dependence * count * p / as_f64(index + 1));
                    keep(place, smallest);
                }
            }
        }
        Ok(adjusted)
    }
}

/// Which of the e-values are findings at false discovery rate `q`, under any dependence and at any time.
///
/// # Formula
/// With the `m` e-values in descending order: the first `k` for the largest `k` with `e_k >= m / (q k)`.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a negative or NaN e-value (infinite is allowed) or a `q` outside 0 to 1.
///
/// # Source
/// Wang & Ramdas (2022), *False discovery rate control with e-values*, J. R. Statist. Soc. B 84. Confirmed by the
/// definition (vectors `multiple_testing`).
pub fn e_benjamini_hochberg(e_values: &[Option<f64>], q: f64) -> Result<Vec<bool>, InvalidStatistics> {
    in_range("q", "above 0 and at most 1", q, q > 0.0 && q <= 1.0)?;
    let mut ranked = Vec::with_capacity(e_values.len());
    for (place, e_value) in e_values.iter().enumerate() {
        if let Some(e) = *e_value {
            if e.is_nan() || e < 0.0 {
                return Err(InvalidStatistics::OutOfRange {
                    name: "e_value",
                    range: "at least 0",
                    value: e,
                });
            }
            ranked.push((e, place));
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    let count = as_f64(ranked.len());
    let found = ranked
        .iter()
        .enumerate()
        .rposition(|(index, (e, _))| *e >= count / (q * as_f64(index + 1)))
        .map_or(0, |last| last + 1);
    let mut rejected = vec![false; e_values.len()];
    for &(_, place) in &ranked[..found] {
        rejected[place] = true;
    }
    Ok(rejected)
}

fn as_f64(count: usize) -> f64 {
    crate::arm::count_as_f64(count as u64)
}
