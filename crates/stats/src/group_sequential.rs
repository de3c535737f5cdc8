//! Group sequential boundaries: a few scheduled looks that share one level (contract, statistics section 7).

use serde::Serialize;

use crate::error::{InvalidStatistics, in_range};
use crate::normal;
use crate::root::bracketed_root;
use crate::significance::SignificanceLevel;
use crate::spending::Spending;

/// Bounds from here on count as none: the test cannot stop at that look.
pub const LARGEST_BOUND: f64 = 7.0;

/// Looks that one test may have.
pub const MAX_LOOKS: usize = 1000;

/// One look of a group sequential test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Look {
    /// `tau`, the information fraction, 0 to 1.
    pub information: f64,
    /// Level spent by this look.
    pub cumulative_alpha: f64,
    /// The standardised effect that must be exceeded in magnitude to stop; `None` if the test cannot stop here.
    pub z_bound: Option<f64>,
}

/// Two-sided boundaries for looks at the given information fractions (not decreasing, above 0; beyond 1 counts as 1).
///
/// A look without new information spends nothing and has no bound. The first look at 1 spends what is left.
///
/// # Formula
/// The score process at information `t` is a Brownian motion with increments of variance `t_k - t_{k-1}`. With the
/// density `f_{k-1}` of the paths that were not stopped, the bound `c_k` solves
/// `2 integral f_{k-1}(x) Phi(-(c_k sqrt t_k - x)/sqrt(t_k - t_{k-1})) dx = a(t_k) - (spent so far)`, and then
/// `f_k(y) = integral f_{k-1}(x) phi((y - x)/sqrt(dt))/sqrt(dt) dx` for `|y| < c_k sqrt t_k`, by Simpson's rule on 801
/// points or more.
///
/// # Errors
/// [`InvalidStatistics::OutOfRange`] for a fraction that is not above 0 or below the one before, or for more than
/// [`MAX_LOOKS`] looks.
///
/// # Source
/// Lan & DeMets (1983), Biometrika 70; recursion of Armitage, McPherson & Rowe (1969), J. R. Statist. Soc. A 132; Jennison
/// & Turnbull (2000), *Group Sequential Methods*, chapters 7 and 19. Confirmed by spotify-confidence and by simulated
/// crossing (vectors `group_sequential`).
pub fn group_sequential_looks(
    information: &[f64],
    alpha: SignificanceLevel,
    spending: Spending,
) -> Result<Vec<Look>, InvalidStatistics> {
    check_count(information.len())?;
    let mut looks: Vec<Look> = Vec::with_capacity(information.len());
    let mut density = Density::at_start();
    for (index, fraction) in information.iter().enumerate() {
        let look = density.look(&looks, *fraction, alpha, spending)?;
        looks.push(look);
        if let Some(next) = information.get(index + 1) {
            density.pass(&look, *next);
        }
    }
    Ok(looks)
}

/// The next look after those already spent, whose bounds stay as they were stored.
///
/// # Formula
/// As [`group_sequential_looks`], with the stored bounds in place of their solution.
///
/// # Errors
/// As [`group_sequential_looks`].
///
/// # Source
/// As [`group_sequential_looks`].
pub fn next_look(
    spent: &[Look],
    information: f64,
    alpha: SignificanceLevel,
    spending: Spending,
) -> Result<Look, InvalidStatistics> {
    check_count(spent.len() + 1)?;
    let mut density = Density::at_start();
    for (index, look) in spent.iter().enumerate() {
        density.pass(
            look,
            spent.get(index + 1).map_or(information, |next| next.information),
        );
    }
    density.look(spent, information, alpha, spending)
}

fn check_count(looks: usize) -> Result<(), InvalidStatistics> {
    in_range(
        "looks",
        "at most 1000",
        crate::arm::count_as_f64(looks as u64),
        looks <= MAX_LOOKS,
    )?;
    Ok(())
}

/// Density of the unstopped paths on an even grid over `[-half_width, half_width]`; it is symmetric, so only the half
/// from 0 on is kept. Before the first look all mass is at 0.
struct Density {
    information: f64,
    step: f64,
    /// Values at `0, step, 2 step, ...`, each multiplied by its Simpson weight over the whole line.
    mass: Vec<f64>,
}

impl Density {
    fn at_start() -> Self {
        Self {
            information: 0.0,
            step: 1.0,
            mass: vec![0.5],
        }
    }

    /// The look at `information` after `spent`, all of which were passed.
    fn look(
        &self,
        spent: &[Look],
        information: f64,
        alpha: SignificanceLevel,
        spending: Spending,
    ) -> Result<Look, InvalidStatistics> {
        let before = spent.last().map_or(0.0, |look| look.information);
        let t = information.min(1.0);
        in_range(
            "information_fraction",
            "above 0 and not below the one before",
            information,
            t > 0.0 && t >= before,
        )?;
        let cumulative_alpha = spending.spent(alpha, t);
        let crossed = spent
            .iter()
            .rfind(|look| look.z_bound.is_some())
            .map_or(0.0, |look| look.cumulative_alpha);
        Ok(Look {
            information: t,
            cumulative_alpha,
            z_bound: if t > before {
                self.bound(t, cumulative_alpha - crossed)
            } else {
                None
            },
        })
    }

    /// Moves to the look, stops the paths beyond its bound, and makes ready for the next look.
    fn pass(&mut self, look: &Look, next: f64) {
        if look.information > self.information {
            *self = self.advance(look.information, look.z_bound, next.min(1.0) - look.information);
        }
    }

    /// The bound at information `t` that is crossed with probability `to_spend`.
    fn bound(&self, t: f64, to_spend: f64) -> Option<f64> {
        /// The least bound that is looked for; a test of any level below 1 has a greater one at its first look.
        const LOW: f64 = 0.0;
        let spread = (t - self.information).sqrt();
        let crossing = |bound: f64| 2.0 * self.exceeding(bound * t.sqrt(), spread);
        if to_spend <= 0.0 || crossing(LARGEST_BOUND) >= to_spend {
            return None;
        }
        bracketed_root(|bound| crossing(bound).ln() - to_spend.ln(), LOW, LARGEST_BOUND)
    }

    /// Probability that an unstopped path is above `level` after a step of standard deviation `spread`.
    fn exceeding(&self, level: f64, spread: f64) -> f64 {
        let scale = 1.0 / spread;
        self.points()
            .map(|(x, mass)| mass * (normal::cdf((x - level) * scale) + normal::cdf((-x - level) * scale)))
            .sum()
    }

    /// The density at information `t` of paths within the bound, on a grid that resolves a next step of variance `next`.
    fn advance(&self, t: f64, bound: Option<f64>, next: f64) -> Self {
        /// Where there is no bound, mass further out (2e-19) is let go.
        const EVERYTHING: f64 = 9.0;
        /// Steps of the grid in the half from 0 on: 801 points over all.
        const HALF_STEPS: f64 = 400.0;
        const MOST_HALF_STEPS: f64 = 3200.0;
        /// Grid steps for each standard deviation of the next step.
        const RESOLUTION: f64 = 4.0;
        /// Beyond this many standard deviations an increment has no weight.
        const REACH: f64 = 10.0;
        let half_width = bound.unwrap_or(EVERYTHING) * t.sqrt();
        let wanted = RESOLUTION * half_width / next.max(f64::MIN_POSITIVE).sqrt();
        let half_steps = even(wanted.clamp(HALF_STEPS, MOST_HALF_STEPS));
        let step = half_width / f64::from(half_steps);
        let spread = (t - self.information).sqrt();
        let scale = 1.0 / spread;
        let kernel = |distance: f64| {
            let z = distance * scale;
            if z.abs() > REACH { 0.0 } else { normal::density(z) }
        };
        let mass = (0..=half_steps)
            .map(|index| {
                let y = f64::from(index) * step;
                let value: f64 = self
                    .points()
                    .map(|(x, mass)| mass * (kernel(y - x) + kernel(y + x)))
                    .sum();
                value * scale * step * simpson_weight(index, half_steps)
            })
            .collect();
        Self {
            information: t,
            step,
            mass,
        }
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        (0_u32..)
            .zip(&self.mass)
            .map(|(index, mass)| (f64::from(index) * self.step, *mass))
    }
}

/// Weight of a point of the half grid in Simpson's rule over the whole, whose middle has an even index. The point at 0
/// counts half, because it stands for itself on both sides.
fn simpson_weight(index: u32, last: u32) -> f64 {
    let weight = if index == last {
        1.0
    } else if index % 2 == 1 {
        4.0
    } else {
        2.0
    };
    let sides = if index == 0 { 0.5 } else { 1.0 };
    weight / 3.0 * sides
}

/// The next even whole number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a few thousand by the caller"
)]
fn even(steps: f64) -> u32 {
    2 * (0.5 * steps).ceil() as u32
}
