//! A part of the identities, by the upper half of their hashes.

use std::ops::RangeInclusive;

/// An aligned range of hashes: all, a half, a quarter, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HashRange {
    start: u64,
    /// The range holds 2^bits values.
    bits: u32,
}

impl HashRange {
    /// Every hash.
    pub(crate) const ALL: Self = Self {
        start: 0,
        bits: u64::BITS,
    };

    /// Returns the lower and the upper half, `None` when the range is a single value.
    pub(crate) fn halves(self) -> Option<(Self, Self)> {
        let bits = self.bits.checked_sub(1)?;
        Some((
            Self {
                start: self.start,
                bits,
            },
            Self {
                start: self.start | (1 << bits),
                bits,
            },
        ))
    }

    /// The values from the start of the range on, 0 at the start.
    pub(crate) fn offset(self, hash: u64) -> Option<u64> {
        let offset = hash.wrapping_sub(self.start);
        (offset <= self.last_offset()).then_some(offset)
    }

    pub(crate) fn contains(self, hash: u64) -> bool {
        self.offset(hash).is_some()
    }

    pub(crate) fn bits(self) -> u32 {
        self.bits
    }

    pub(crate) fn values(self) -> RangeInclusive<u64> {
        self.start..=self.start + self.last_offset()
    }

    /// Returns the last value of the slice number `slice`, counted from 1, of `slices` equal ones; `slices` is a power of
    /// two.
    pub(crate) fn slice_end(self, slice: u64, slices: u64) -> u64 {
        let width = (self.last_offset() >> slices.trailing_zeros()).saturating_add(1);
        self.start.saturating_add(slice.saturating_mul(width) - 1)
    }

    fn last_offset(self) -> u64 {
        u64::MAX.checked_shr(u64::BITS - self.bits).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::HashRange;

    #[test]
    fn halves_cover_the_whole_without_overlap() {
        let (lower, upper) = HashRange::ALL.halves().unwrap();
        assert_eq!(lower.values(), 0..=u64::MAX / 2);
        assert_eq!(upper.values(), u64::MAX / 2 + 1..=u64::MAX);
        let (third, fourth) = upper.halves().unwrap();
        assert_eq!(*third.values().end() + 1, *fourth.values().start());
        assert_eq!(*fourth.values().end(), u64::MAX);
        assert!(!third.contains(u64::MAX) && fourth.contains(u64::MAX) && HashRange::ALL.contains(0));
    }

    #[test]
    fn slices_are_equal_and_end_with_the_range() {
        let (_, upper) = HashRange::ALL.halves().unwrap();
        assert_eq!(HashRange::ALL.slice_end(1, 4), u64::MAX / 4);
        assert_eq!(HashRange::ALL.slice_end(3, 4), u64::MAX / 4 * 3 + 2);
        assert_eq!(upper.slice_end(1, 2), u64::MAX / 4 * 3 + 2);
        assert_eq!(upper.slice_end(2, 2), u64::MAX);
    }

    #[test]
    fn a_single_value_is_not_halved() {
        let mut range = HashRange::ALL;
        while let Some((_, upper)) = range.halves() {
            range = upper;
        }
        assert_eq!(range.values(), u64::MAX..=u64::MAX);
        assert_eq!(range.offset(u64::MAX), Some(0));
    }
}
