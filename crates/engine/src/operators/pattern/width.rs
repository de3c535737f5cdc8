//! How many characters a piece of a pattern can match.

/// A range of lengths in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Width {
    min: u64,
    /// `u64::MAX` stands for no limit.
    max: u64,
}

impl Width {
    /// Matches without taking a character.
    pub(super) const ZERO: Self = Self { min: 0, max: 0 };
    /// Takes exactly one.
    pub(super) const ONE: Self = Self { min: 1, max: 1 };

    /// The one length it can have, if there is only one.
    pub(super) fn fixed(self) -> Option<u64> {
        (self.min == self.max && self.max != u64::MAX).then_some(self.min)
    }

    pub(super) fn can_be_zero(self) -> bool {
        self.min == 0
    }

    pub(super) fn then(self, next: Self) -> Self {
        Self {
            min: self.min.saturating_add(next.min),
            max: self.max.saturating_add(next.max),
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// Repeated; `None` is without limit.
    pub(super) fn times(self, least: u32, most: Option<u32>) -> Self {
        Self {
            min: self.min.saturating_mul(least.into()),
            max: match most {
                Some(most) => self.max.saturating_mul(most.into()),
                None if self.max == 0 => 0,
                None => u64::MAX,
            },
        }
    }
}
