//! Whole numbers of any length.

use std::cmp::Ordering;
use std::fmt;

use super::tidy;

/// A whole number. Traits are text of any length, so 64 bits are the common case, not the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Integer {
    /// Fits 64 bits.
    Small(i64),
    /// Does not: the canonical decimal digits, with a `-` if negative and no leading zeros.
    Large(Box<str>),
}

impl Integer {
    /// Reads an optional `-` and ASCII digits, nothing else.
    pub(crate) fn from_digits(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if let Ok(small) = text.parse() {
            return Some(Self::Small(small));
        }
        let significant = digits.trim_start_matches('0');
        let sign = if text.len() > digits.len() { "-" } else { "" };
        let canonical = format!("{sign}{significant}");
        // Leading zeros may have hidden a number that fits.
        Some(match canonical.parse() {
            Ok(small) => Self::Small(small),
            Err(_) => Self::Large(canonical.into()),
        })
    }

    /// Casts a condition's text: outer white space, one sign and underscores between digits are allowed.
    pub(crate) fn cast(text: &str) -> Option<Self> {
        let text = tidy(text)?;
        match text.strip_prefix('+') {
            Some(unsigned) if unsigned.starts_with('-') => None,
            Some(unsigned) => Self::from_digits(unsigned),
            None => Self::from_digits(&text),
        }
    }

    /// The nearest double.
    pub(crate) fn to_f64(&self) -> f64 {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "the nearest double is wanted")]
            Self::Small(value) => *value as f64,
            Self::Large(digits) => digits.parse().unwrap_or(f64::NAN),
        }
    }

    fn is_negative(&self) -> bool {
        match self {
            Self::Small(value) => *value < 0,
            Self::Large(digits) => digits.starts_with('-'),
        }
    }
}

impl Ord for Integer {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(left), Self::Small(right)) => left.cmp(right),
            // Anything large is further from zero than anything small.
            (Self::Small(_), Self::Large(_)) if other.is_negative() => Ordering::Greater,
            (Self::Small(_), Self::Large(_)) => Ordering::Less,
            (Self::Large(_), Self::Small(_)) => other.cmp(self).reverse(),
            (Self::Large(left), Self::Large(right)) => match (self.is_negative(), other.is_negative()) {
                (true, false) => Ordering::Less,
                (false, true) => Ordering::Greater,
                (negative, _) => {
                    let magnitude = (left.len(), left).cmp(&(right.len(), right));
                    if negative { magnitude.reverse() } else { magnitude }
                }
            },
        }
    }
}

impl PartialOrd for Integer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(value) => value.fmt(formatter),
            Self::Large(digits) => formatter.write_str(digits),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_canonical() {
        for (text, canonical) in [
            ("007", "7"),
            ("-0", "0"),
            ("9223372036854775808", "9223372036854775808"),
            ("-00009223372036854775809", "-9223372036854775809"),
            ("00000000000000000000000000000000012", "12"),
            ("-9223372036854775808", "-9223372036854775808"),
        ] {
            let number = Integer::from_digits(text).expect("digits");
            assert_eq!(number.to_string(), canonical);
        }
        for text in ["", "-", "+1", "1.0", " 1", "1_0", "--1", "٣"] {
            assert_eq!(Integer::from_digits(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_cast_forgives_what_the_reference_forgives() {
        for text in ["7", " 7\t", "+7", "07", "0_7", "\x1c7"] {
            assert_eq!(Integer::cast(text), Some(Integer::Small(7)), "{text:?}");
        }
        for text in ["7.0", "", "_7", "7_", "1__0", "+-7", "-+7", "- 7", "seven", "0x7"] {
            assert_eq!(Integer::cast(text), None, "{text:?}");
        }
    }

    #[test]
    fn order_holds_across_lengths_and_signs() {
        let ascending = [
            "-100000000000000000000",
            "-20000000000000000000",
            "-10000000000000000000",
            "-1",
            "0",
            "9223372036854775807",
            "9223372036854775808",
            "10000000000000000000",
            "20000000000000000000",
            "100000000000000000000",
        ];
        let numbers: Vec<_> = ascending
            .iter()
            .filter_map(|text| Integer::from_digits(text))
            .collect();
        for (left, a) in numbers.iter().enumerate() {
            for (right, b) in numbers.iter().enumerate() {
                assert_eq!(a.cmp(b), left.cmp(&right), "{a} {b}");
            }
        }
    }
}
