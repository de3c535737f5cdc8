//! The number in an event's value.

/// Returns the number that an event's value stands for, 0 when it stands for none.
///
/// A number is an optional sign, decimal digits with an optional point (at least one digit in all), and an optional
/// decimal exponent, with nothing around it. Infinities, NaN, hexadecimal, digit separators, surrounding blanks, an
/// absent value and a number too large for 64 bits stand for none.
///
/// # Compatibility
/// Contract, admin-api section 7.8: text that is no number counts as 0. The reference asks its warehouse for
/// `toFloat64OrZero`; infinities and NaN, which would spoil every later sum, are refused here.
pub(crate) fn numeric_value(value: Option<&str>) -> f64 {
    value
        .filter(|text| is_number(text))
        .and_then(|text| text.parse().ok())
        .filter(|n: &f64| n.is_finite())
        .unwrap_or(0.0)
}

fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !unsigned.is_empty() && digits(unsigned)
        })
}

#[cfg(test)]
mod tests {
    use super::numeric_value;

    #[test]
    fn decimal_numbers_are_read() {
        for (text, expected) in [
            ("12.5", 12.5),
            ("-3", -3.0),
            ("+7", 7.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1.5E-2", 0.015),
            ("0.1", 0.1),
            ("007", 7.0),
        ] {
            assert_eq!(
                numeric_value(Some(text)).to_bits(),
                f64::to_bits(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn everything_else_counts_as_zero() {
        for text in [
            "",
            " 1",
            "1 ",
            "abc",
            "True",
            "inf",
            "-Infinity",
            "nan",
            "0x10",
            "1_000",
            "1,5",
            "1e",
            "e5",
            ".",
            "+",
            "--1",
            "1e400",
            "1.2.3",
            "1e5.5",
            "٣",
        ] {
            assert_eq!(numeric_value(Some(text)).to_bits(), 0.0_f64.to_bits(), "{text}");
        }
        assert_eq!(numeric_value(None).to_bits(), 0.0_f64.to_bits());
    }
}
