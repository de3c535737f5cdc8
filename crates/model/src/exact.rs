//! Serialises a number as its text, so that it is read back to the last bit: the JSON reader rounds some of 17 digits
//! to a neighbour, and a share that moves by one bit may move an identity.

use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};
use std::borrow::Cow;

/// Writes the shortest text that names the number.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
pub(crate) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Reads it.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = <Cow<'de, str>>::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Share(#[serde(with = "super")] f64);

    #[test]
    fn every_bit_comes_back() {
        for share in [
            0.0,
            100.0,
            33.3,
            100.0 / 3.0,
            0.1 + 0.2,
            f64::MIN_POSITIVE,
            99.999_999_999_999_99,
        ] {
            let text = serde_json::to_string(&Share(share)).unwrap();
            let Share(read) = serde_json::from_str(&text).unwrap();
            assert_eq!(read.to_bits(), share.to_bits(), "{text}");
        }
        assert!(serde_json::from_str::<Share>("\"much\"").is_err());
    }
}
