//! The one form to which every metric type reduces.

use crate::arm::Arm;
use crate::error::Unestimable;
use crate::quotient::Quotient;

/// Absolute effect `A` and control value `B` with their joint second moments (contract, statistics section 3).
///
/// Every method needs these numbers and no others, so a metric type is a way to make them and a method is a function
/// of them. `A` and `B` are in the metric's unit, variances and covariance in its square; all finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EffectMoments {
    /// `A`: treatment minus control.
    pub estimate: f64,
    /// `V_A`: variance of the estimate.
    pub variance: f64,
    /// `B`: control value.
    pub baseline: f64,
    /// `V_B`: variance of the control value.
    pub baseline_variance: f64,
    /// `C_AB`: covariance of estimate and control value.
    pub covariance: f64,
    /// `V_A - C_AB^2 / V_B`, the part of the estimate's variance that the control value does not explain. Kept because
    /// the difference cancels: for independent arms it is the variance of the treatment value.
    pub residual_variance: f64,
    /// `df`: degrees of freedom of `V_A`, at least 1; infinite never.
    pub degrees_of_freedom: f64,
    /// Degrees of freedom of `V_B`, at least 1.
    pub control_degrees_of_freedom: f64,
    /// Degrees of freedom of the residual variance, at least 1.
    pub treatment_degrees_of_freedom: f64,
    /// `N`: units of both arms together.
    pub units: u64,
}

impl EffectMoments {
    /// Effect on a mean: the metrics `mean`, `count`, `sum` and `occurrence` (a proportion).
    ///
    /// # Formula
    /// With `v = s^2/n` per arm: `A = m_t - m_c`, `V_A = v_t + v_c`, `B = m_c`, `V_B = v_c`, `C_AB = -v_c`,
    /// `df = (v_t + v_c)^2 / (v_t^2/(n_t - 1) + v_c^2/(n_c - 1))`.
    ///
    /// # Errors
    /// [`Unestimable::InsufficientData`] if an arm has fewer than two units; [`Unestimable::Overflow`].
    ///
    /// # Source
    /// Welch (1947), Biometrika 34; Satterthwaite (1946), Biometrics Bulletin 2. Confirmed by scipy
    /// `ttest_ind_from_stats` and gbstats (vectors `welch_absolute`).
    pub fn of_means(control: &Arm, treatment: &Arm) -> Result<Self, Unestimable> {
        let control = ArmEstimate::of_mean(control).ok_or(Unestimable::InsufficientData)?;
        let treatment = ArmEstimate::of_mean(treatment).ok_or(Unestimable::InsufficientData)?;
        Self::of_independent(&control, &treatment).finite(Unestimable::Overflow)
    }

    /// Effect on whatever one number the arms were reduced to, the arms being independent.
    ///
    /// # Formula
    /// `A = t - c`, `V_A = v_t + v_c`, `B = c`, `V_B = v_c`, `C_AB = -v_c`; the difference keeps what rounding took from
    /// the two values.
    pub(crate) fn of_independent(control: &ArmEstimate, treatment: &ArmEstimate) -> Self {
        Self {
            estimate: treatment.value.minus(control.value),
            variance: treatment.variance + control.variance,
            baseline: control.value.value(),
            baseline_variance: control.variance,
            covariance: -control.variance,
            residual_variance: treatment.variance,
            degrees_of_freedom: welch_satterthwaite(
                [control.variance, treatment.variance],
                [control.degrees_of_freedom, treatment.degrees_of_freedom],
            ),
            control_degrees_of_freedom: control.degrees_of_freedom,
            treatment_degrees_of_freedom: treatment.degrees_of_freedom,
            units: control.units + treatment.units,
        }
    }

    /// Itself if all its numbers are finite.
    pub(crate) fn finite(self, otherwise: Unestimable) -> Result<Self, Unestimable> {
        let numbers = [
            self.estimate,
            self.variance,
            self.baseline,
            self.baseline_variance,
            self.covariance,
            self.residual_variance,
            self.degrees_of_freedom,
        ];
        if numbers.into_iter().all(f64::is_finite) {
            Ok(self)
        } else {
            Err(otherwise)
        }
    }

    /// Lift `L = A / |B|`, a share (0.12 is +12 %), also where no interval exists.
    ///
    /// # Errors
    /// [`Unestimable::ZeroBaseline`] if `B` is zero, or `A` exceeds it by a factor of 1e100.
    pub fn lift(&self) -> Result<f64, Unestimable> {
        let lift = self.estimate / self.baseline.abs();
        if lift.abs() <= LARGEST_LIFT {
            Ok(lift)
        } else {
            Err(Unestimable::ZeroBaseline)
        }
    }

    /// Standard error of the lift by the delta method, a share; 0 where the first-order variance vanishes.
    ///
    /// # Formula
    /// `Var L = (V_A - 2 s L C_AB + L^2 V_B) / B^2` with `s = sign B`, taken as
    /// `(V_A|B + V_B (C_AB/V_B - s L)^2) / B^2`, a sum of squares that cannot cancel or overflow. For means that is
    /// `v_t/B^2 + m_t^2 v_c/B^4`.
    ///
    /// # Errors
    /// [`Unestimable::ZeroBaseline`] as [`EffectMoments::lift`], or if the standard error exceeds 1e100.
    ///
    /// # Source
    /// Deng, Knoblich & Lu (2018), *Applying the delta method in metric analytics*, KDD. Confirmed by gbstats and
    /// mpmath (vectors `relative_delta`).
    pub fn lift_standard_error(&self) -> Result<f64, Unestimable> {
        let contrast = self.lift()? * self.baseline.signum();
        let explained = if self.baseline_variance > 0.0 {
            let slope = self.covariance / self.baseline_variance;
            self.baseline_variance.sqrt() * (slope - contrast)
        } else {
            0.0
        };
        let standard_error = self.residual_variance.sqrt().hypot(explained) / self.baseline.abs();
        if standard_error <= LARGEST_LIFT {
            Ok(standard_error)
        } else {
            Err(Unestimable::ZeroBaseline)
        }
    }
}

/// Beyond this the control value counts as zero: no lift of that size is one, and its interval might overflow.
const LARGEST_LIFT: f64 = 1e100;

/// A number that summarises one arm, with the variance of that number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArmEstimate {
    pub(crate) value: Quotient,
    pub(crate) variance: f64,
    pub(crate) degrees_of_freedom: f64,
    pub(crate) units: u64,
}

impl ArmEstimate {
    /// The mean of an arm; `None` below two units.
    pub(crate) fn of_mean(arm: &Arm) -> Option<Self> {
        Some(Self {
            variance: arm.variance()? / arm.units(),
            value: Quotient::new(arm.sum(), arm.units()),
            degrees_of_freedom: arm.units() - 1.0,
            units: arm.n(),
        })
    }
}

/// Degrees of freedom of a sum of two independent variances, from the share of each, which cannot overflow; the sum of
/// theirs without variance.
///
/// # Formula
/// `(v_1 + v_2)^2 / (v_1^2/df_1 + v_2^2/df_2)`.
pub(crate) fn welch_satterthwaite(variances: [f64; 2], degrees_of_freedom: [f64; 2]) -> f64 {
    let variance = variances[0] + variances[1];
    if variance == 0.0 {
        return degrees_of_freedom[0] + degrees_of_freedom[1];
    }
    let shares = variances.map(|part| part / variance);
    1.0 / (shares[0] * shares[0] / degrees_of_freedom[0] + shares[1] * shares[1] / degrees_of_freedom[1])
}
