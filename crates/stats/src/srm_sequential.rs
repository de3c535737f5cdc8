//! Sample ratio mismatch at any number of looks (contract, statistics section 9).

use crate::arm::count_as_f64;
use crate::confidence_sequence::p_value_of;

/// Concentration of the prior on the shares: the best power of 1, 100, 1 000 and 10 000 at splits of 51/49 and 52/48.
pub const SRM_CONCENTRATION: f64 = 1000.0;

/// Level of the sequential alarm: it is raised once the e-value has reached `1 / SRM_ALARM_LEVEL`.
pub const SRM_ALARM_LEVEL: f64 = 0.01;

/// Evidence that units do not divide as expected, valid at every look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SequentialSampleRatio {
    /// `ln e`; several phases add theirs up.
    pub log_e_value: f64,
    /// `min(1, 1/e)`.
    pub p_value: f64,
}

impl SequentialSampleRatio {
    /// From the evidence of all phases together.
    pub fn new(log_e_value: f64) -> Self {
        Self {
            log_e_value,
            p_value: p_value_of(log_e_value),
        }
    }
}

/// The multinomial e-process of one phase.
///
/// `split` holds the expected share and the units of each variant that should get any. Shares are positive and sum to 1;
/// `concentration` is positive.
///
/// # Formula
/// With a Dirichlet prior of parameters `a_j = c s_j` and `n` units in all,
/// `ln e = lnG(c) - lnG(c + n) + sum_j [lnG(a_j + x_j) - lnG(a_j) - x_j ln s_j]`. By Stirling's formula, with
/// `p_j = (a_j + x_j)/(c + n)` and `D` its remainder, that is
/// `sum_j (a_j + x_j - 1/2) ln(p_j/s_j) - (k - 1)/2 ln((c + n)/c) + sum_j [D(a_j + x_j) - D(a_j)] - D(c + n) + D(c)`,
/// where `ln(p_j/s_j) = ln(1 + (x_j - n s_j)/((c + n) s_j))`: a billion units keep 1e-7 absolute.
///
/// # Source
/// Lindon & Malek (2022), *Anytime-valid inference for multinomial count data*, NeurIPS 35. Confirmed by scipy
/// `dirichlet_multinomial` and mpmath (vectors `srm_sequential`).
pub fn sequential_sample_ratio(split: &[(f64, u64)], concentration: f64) -> SequentialSampleRatio {
    let units: f64 = split.iter().map(|(_, units)| count_as_f64(*units)).sum();
    let total = concentration + units;
    let mut log_e_value = stirling_remainder(concentration) - stirling_remainder(total);
    for (share, units_of_variant) in split {
        let prior = concentration * share;
        let observed = count_as_f64(*units_of_variant);
        let excess = (-share).mul_add(units, observed);
        let change = excess / (total * share);
        // Near the expectation the change is exact, far from it the ratio is.
        let log_ratio = if change.abs() < 0.5 {
            change.ln_1p()
        } else {
            ((prior + observed) / (total * share)).ln()
        };
        log_e_value += (prior + observed - 0.5) * log_ratio + stirling_remainder(prior + observed)
            - stirling_remainder(prior);
    }
    let other_variants = count_as_f64(split.len().saturating_sub(1) as u64);
    log_e_value -= 0.5 * other_variants * (units / concentration).ln_1p();
    SequentialSampleRatio::new(log_e_value)
}

/// `lnG(z) - ((z - 1/2) ln z - z + ln(2 pi)/2)` for `z > 0`.
///
/// Source: Stirling's series, Abramowitz & Stegun 6.1.40, from 12 on to the last digit; the definition below.
fn stirling_remainder(z: f64) -> f64 {
    const SERIES_BEGINS: f64 = 12.0;
    const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_7;
    if z < SERIES_BEGINS {
        return libm::lgamma(z) - ((z - 0.5) * z.ln() - z + HALF_LOG_TWO_PI);
    }
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    inverse
        * (1.0 / 12.0
            - square
                * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square * (1.0 / 1188.0)))))
}
