//! Sums of squared deviations without cancellation.
//!
//! `sum_squares - sum^2/n` loses every digit when the mean is large against the spread. Here both products are taken
//! exactly as pairs of doubles (two-product by fused multiply-add) and the pairs are subtracted part by part, so that the
//! result is that of the given doubles to a few units in the last place.
//!
//! Source: Ogita, Rump & Oishi (2005), *Accurate sum and dot product*, SIAM J. Sci. Comput. 26, algorithm 3.5
//! (`TwoProductFMA`); Sterbenz (1974), *Floating-point computation*, theorem 4.3.1.

/// Sufficient statistics brought to a harmless magnitude: `sum_squares` in [1, 4) by an even power of two, which is
/// exact, so that no product overflows or loses bits to underflow.
struct Scaled {
    units: f64,
    sum: f64,
    sum_squares: f64,
    /// `sum_squares` was divided by `2^(2 * exponent)`, `sum` by `2^exponent`.
    exponent: i32,
}

impl Scaled {
    /// `sum_squares` must be finite and positive.
    fn new(units: f64, sum: f64, sum_squares: f64) -> Self {
        let exponent = libm::ilogb(sum_squares).div_euclid(2);
        Self {
            units,
            sum: libm::scalbn(sum, -exponent),
            sum_squares: libm::scalbn(sum_squares, -2 * exponent),
            exponent,
        }
    }
}

/// Whether some set of `units` real numbers has this sum and sum of squares, by the Cauchy-Schwarz inequality
/// `sum^2 <= units * sum_squares` with a relative slack of 1e-9 for sums made in floating point.
///
/// All arguments finite, `units` and `sum_squares` not negative.
pub(crate) fn is_consistent(units: f64, sum: f64, sum_squares: f64) -> bool {
    const SLACK: f64 = 1e-9;
    if sum_squares == 0.0 {
        return sum == 0.0;
    }
    let scaled = Scaled::new(units, sum, sum_squares);
    scaled.sum_squares * scaled.units >= scaled.sum * scaled.sum * (1.0 - SLACK)
}

/// `max(0, sum_squares - sum^2 / units)`, to about 1e-16 relative. Arguments as accepted by [`is_consistent`], with
/// `units` at least 1 unless `sum_squares` is zero.
pub(crate) fn centred_sum_of_squares(units: f64, sum: f64, sum_squares: f64) -> f64 {
    if sum_squares == 0.0 {
        return 0.0;
    }
    let scaled = Scaled::new(units, sum, sum_squares);
    let (left, left_error) = two_product(scaled.sum_squares, scaled.units);
    let (right, right_error) = two_product(scaled.sum, scaled.sum);
    // Where the products nearly cancel, they are within a factor of two: then the first difference is exact (Sterbenz),
    // and the second one holds all that is left.
    let exact = (left - right) + (left_error - right_error);
    libm::scalbn((exact / scaled.units).max(0.0), 2 * scaled.exponent)
}

/// `cross - sum_x sum_y / units`, the sum of products of deviations from the means, to about 1e-16 of its terms. All
/// finite, `units` at least 1.
pub(crate) fn centred_sum_of_products(units: f64, sum_x: f64, sum_y: f64, cross: f64) -> f64 {
    let exponent = |value: f64| if value == 0.0 { 0 } else { libm::ilogb(value) };
    // Both factors near 1, and the product of sums with them: exact powers of two.
    let (x, y) = (exponent(sum_x), exponent(sum_y));
    let scaled = libm::scalbn(libm::scalbn(cross, -x), -y);
    let (left, left_error) = two_product(scaled, units);
    let (right, right_error) = two_product(libm::scalbn(sum_x, -x), libm::scalbn(sum_y, -y));
    let exact = (left - right) + (left_error - right_error);
    if !exact.is_finite() {
        // The means are negligible beside the products.
        return cross;
    }
    libm::scalbn(libm::scalbn(exact / units, x), y)
}

/// `(fl(a * b), a * b - fl(a * b))`, exact barring underflow.
fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    (product, a.mul_add(b, -product))
}
