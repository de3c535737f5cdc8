//! The bucketing hash: which share of identities a split takes, the same in every engine and for ever.

use md5::{Digest, Md5};

/// The number of buckets the digest is folded into.
const BUCKETS: u64 = 9_999;

/// The bucket that maps to exactly 100 and is hashed again, so that no identity falls outside every split.
const LAST_BUCKET: u64 = BUCKETS - 1;

/// The place of `ids` on the line from 0 (inclusive) to 100 (exclusive), in percent.
///
/// For a multivariate split the ids are the feature state's salt and the identity key; for a percentage split the
/// segment's key and the identity key (or the property's text).
///
/// # Formula
/// `n / 9998 * 100` in double precision, where `n` is the MD5 digest of the ids joined by commas, read as a big-endian
/// integer, modulo 9999. While `n` is 9998 the list of ids is repeated once more and hashed again.
///
/// # Source
/// Contract, sdk-api section 7; the values of its table are tests of this module.
///
/// # Example
/// ```
/// assert_eq!(liftgate_engine::hash::percentage(&["1", "a"]), 27.245449089817964);
/// ```
pub fn percentage(ids: &[&str]) -> f64 {
    let mut repeats = 1;
    loop {
        let bucket = bucket(ids, repeats);
        if u64::from(bucket) != LAST_BUCKET {
            return f64::from(bucket) / 9_998.0 * 100.0;
        }
        repeats += 1;
    }
}

fn bucket(ids: &[&str], repeats: usize) -> u32 {
    let mut digest = Md5::new();
    for position in 0..ids.len() * repeats {
        if position > 0 {
            digest.update(b",");
        }
        digest.update(ids[position % ids.len()].as_bytes());
    }
    // Long division by 32-bit limbs: the remainder is below 2^14, so each step fits 64 bits.
    let remainder = digest
        .finalize()
        .as_slice()
        .as_chunks::<4>()
        .0
        .iter()
        .fold(0, |remainder, limb| {
            (remainder << 32 | u64::from(u32::from_be_bytes(*limb))) % BUCKETS
        });
    u32::try_from(remainder).expect("a remainder of 9999 fits 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contracts_vectors_hold_to_the_last_bit() {
        for (ids, expected) in [
            (["1", "a"], 27.245_449_089_817_964),
            (["77", "env-key_alice"], 32.586_517_303_460_695),
            (["10", "env-key_alice"], 94.068_813_762_752_54),
            (["77", "env-key_wrap5230"], 44.928_985_797_159_434),
        ] {
            assert_eq!(percentage(&ids).to_bits(), f64::to_bits(expected), "{ids:?}");
        }
    }

    #[test]
    fn the_last_bucket_is_hashed_again() {
        let ids = ["77", "env-key_wrap5230"];
        assert_eq!(u64::from(bucket(&ids, 1)), LAST_BUCKET);
        assert_eq!(bucket(&ids, 2), 4_492);
        assert_eq!(
            bucket(&ids, 2),
            bucket(&["77", "env-key_wrap5230", "77", "env-key_wrap5230"], 1)
        );
    }

    #[test]
    fn an_empty_list_ends() {
        assert!(percentage(&[]) < 100.0);
    }

    #[test]
    fn text_outside_ascii_is_hashed_as_utf8() {
        // Computed with Python's hashlib over "1,zoë".
        assert_eq!(bucket(&["1", "zoë"], 1), 6_072);
    }
}
