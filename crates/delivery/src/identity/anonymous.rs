//! The identifier of a call that has none (contract, sdk-api section 3).

use std::fmt::Write as _;

use liftgate_model::Random;
use liftgate_model::identity::TraitValue;
use sha2::{Digest, Sha256};

use super::SentTrait;

/// Bytes of a random identifier; 32 hexadecimal digits.
const RANDOM_BYTES: usize = 16;

/// The identifier that a call's traits name: the same for the same traits in any order, random without any.
///
/// # Formula
/// The lower-case hexadecimal SHA-256 of the keys and values sorted by key, each value directly after its key, without
/// separators; traits without a value are left out.
pub(super) fn identifier(traits: &[SentTrait], random: &dyn Random) -> String {
    if traits.is_empty() {
        return random.hex(RANDOM_BYTES);
    }
    let mut sorted: Vec<&SentTrait> = traits.iter().collect();
    sorted.sort_by(|left, right| left.key.cmp(&right.key));
    let mut digest = Sha256::new();
    for sent in sorted {
        if let Some(value) = &sent.value {
            digest.update(sent.key.as_bytes());
            digest.update(text(value).as_bytes());
        }
    }
    digest
        .finalize()
        .as_slice()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// The text of a value as the reference's language prints it: `True`, `1.5`, `1e+16`.
fn text(value: &TraitValue) -> String {
    match value {
        TraitValue::Text(text) => text.clone(),
        TraitValue::Integer(integer) => integer.to_string(),
        TraitValue::Boolean(boolean) => if *boolean { "True" } else { "False" }.to_owned(),
        TraitValue::Float(float) => float_text(*float),
    }
}

/// Plain notation from 1e-4 up to below 1e16, otherwise an exponent with a sign and at least two digits.
fn float_text(float: f64) -> String {
    // The language's own notation has the same shortest digits and changes to exponents at other sizes.
    let size = float.abs();
    if size == 0.0 || (1e-4..1e16).contains(&size) {
        let plain = format!("{float}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let scientific = format!("{float:e}");
    match scientific.split_once('e') {
        Some((mantissa, exponent)) => match exponent.strip_prefix('-') {
            Some(digits) => format!("{mantissa}e-{digits:0>2}"),
            None => format!("{mantissa}e+{exponent:0>2}"),
        },
        None => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    fn sent(key: &str, value: Option<TraitValue>) -> SentTrait {
        SentTrait {
            key: key.to_owned(),
            value,
            is_transient: true,
        }
    }

    #[test]
    fn the_traits_name_the_identity_in_any_order() {
        // Computed with Python's hashlib over "a1b2".
        let expected = "85337816d263d362acb23a4255a636191075c2a90c47f2ee6db3362f7df11203";
        let one = [
            sent("b", Some(TraitValue::Integer(2))),
            sent("a", Some(TraitValue::Integer(1))),
        ];
        let mut other = one.clone();
        other.reverse();
        assert_eq!(identifier(&one, &Sevens), identifier(&other, &Sevens));
        assert_eq!(identifier(&one, &Sevens), expected);
    }

    #[test]
    fn values_are_spelled_as_the_reference_does() {
        for (value, expected) in [
            (TraitValue::Boolean(true), "True"),
            (TraitValue::Float(1.5), "1.5"),
            (TraitValue::Float(-3.0), "-3.0"),
            (TraitValue::Float(0.0), "0.0"),
            (TraitValue::Float(1e16), "1e+16"),
            (TraitValue::Float(1.25e-5), "1.25e-05"),
            (TraitValue::Float(0.0001), "0.0001"),
            (TraitValue::Float(1.5e300), "1.5e+300"),
        ] {
            assert_eq!(text(&value), expected);
        }
    }

    #[test]
    fn nulls_say_nothing_and_no_traits_give_a_random_name() {
        let with = [sent("a", Some(TraitValue::Integer(1))), sent("b", None)];
        assert_eq!(identifier(&with, &Sevens), identifier(&with[..1], &Sevens));
        assert_eq!(identifier(&[], &Sevens), "07".repeat(16));
    }
}
