//! Floating-point numbers as text.

use super::tidy;

/// Casts a condition's text to a float: also `inf`, `nan`, outer white space and underscores between digits.
pub(crate) fn cast(text: &str) -> Option<f64> {
    tidy(text)?.parse().ok()
}

/// The shortest text that reads back as the same number; always with a point, an exponent, or a word.
///
/// # Compatibility
/// Plain notation from 1e-4 up to below 1e16, otherwise a mantissa and an exponent of at least two digits, as the
/// reference engine's language prints floats.
pub(crate) fn text(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific
        .split_once('e')
        .expect("the scientific form of a finite number has an exponent");
    let exponent: i32 = exponent
        .parse()
        .expect("the exponent of a double is a small integer");
    if (-4..16).contains(&exponent) {
        let plain = value.to_string();
        if plain.contains('.') { plain } else { plain + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.abs())
    }
}

/// The floored remainder: it has the divisor's sign, so −1 modulo 3 is 2. Not a number for a divisor of zero.
pub(crate) fn modulo(value: f64, divisor: f64) -> f64 {
    let remainder = value % divisor;
    if remainder != 0.0 && (remainder < 0.0) != (divisor < 0.0) {
        remainder + divisor
    } else {
        remainder
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;

    #[test]
    fn text_is_that_of_the_reference() {
        for (value, expected) in [
            (30.0, "30.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (0.0001, "0.0001"),
            (0.000_012_5, "1.25e-05"),
            (1e-7, "1e-07"),
            (123_456.789, "123456.789"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn a_cast_reads_every_spelling() {
        for (text, expected) in [
            ("1", 1.0),
            (" 1.5 ", 1.5),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1e2", 100.0),
            ("1_000.5", 1_000.5),
            ("Infinity", f64::INFINITY),
            ("-inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(cast(text), Some(expected), "{text:?}");
        }
        for text in ["", "half", "1,5", "1__0", "_1", "0x1", "1 2"] {
            assert_eq!(cast(text), None, "{text:?}");
        }
        assert!(cast("NaN").is_some_and(f64::is_nan));
    }

    #[test]
    fn modulo_is_floored() {
        for (value, divisor, expected) in [
            (-1.0, 3.0, 2.0),
            (1.0, -3.0, -2.0),
            (7.5, 2.0, 1.5),
            (6.0, 3.0, 0.0),
            (-6.0, 3.0, -0.0),
        ] {
            assert_eq!(
                modulo(value, divisor).total_cmp(&expected),
                Ordering::Equal,
                "{value} modulo {divisor}"
            );
        }
        assert!(modulo(1.0, 0.0).is_nan());
    }
}
