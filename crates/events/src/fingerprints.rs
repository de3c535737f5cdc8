//! A set of fingerprints that answers "no" quickly: most events that are looked up are not in it.

use std::collections::HashMap;

use crate::columnar::batch::{high, join};

/// Bits of the filter for each fingerprint.
const BITS_PER_ENTRY: usize = 16;

/// Fingerprints of events that may have been sealed already, each with whether it was seen.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    /// A bit is set when a fingerprint with these low bits in its upper half is in the set.
    filter: Vec<u64>,
    seen: HashMap<u128, bool>,
}

impl Fingerprints {
    pub(crate) fn new(fingerprints: impl Iterator<Item = u128>) -> Self {
        let seen: HashMap<u128, bool> = fingerprints.map(|fingerprint| (fingerprint, false)).collect();
        let bits = (seen.len() * BITS_PER_ENTRY).next_power_of_two().max(64);
        let mut set = Self {
            filter: vec![0; bits / 64],
            seen,
        };
        for fingerprint in set.seen.keys() {
            let (word, bit) = position(&set.filter, high(*fingerprint));
            set.filter[word] |= bit;
        }
        set
    }

    /// Marks the fingerprint with these halves as seen, if it is in the set.
    pub(crate) fn mark(&mut self, upper: u64, lower: u64) {
        let (word, bit) = position(&self.filter, upper);
        if self.filter[word] & bit != 0
            && let Some(seen) = self.seen.get_mut(&join(upper, lower))
        {
            *seen = true;
        }
    }

    /// Marks every fingerprint of two columns of halves.
    pub(crate) fn mark_all(&mut self, upper: &[u64], lower: &[u64]) {
        for (&upper, &lower) in upper.iter().zip(lower) {
            self.mark(upper, lower);
        }
    }

    /// Whether the fingerprint was marked.
    pub(crate) fn was_seen(&self, fingerprint: u128) -> bool {
        self.seen.get(&fingerprint).copied().unwrap_or(false)
    }

    /// Marks the fingerprint and says whether it was not marked before; `false` when it is not in the set.
    pub(crate) fn mark_first(&mut self, fingerprint: u128) -> bool {
        self.seen
            .get_mut(&fingerprint)
            .is_some_and(|seen| !std::mem::replace(seen, true))
    }

    /// The number of fingerprints that were not marked.
    pub(crate) fn unseen(&self) -> u64 {
        self.seen.values().filter(|seen| !**seen).count() as u64
    }
}

fn position(filter: &[u64], upper: u64) -> (usize, u64) {
    let index = usize::try_from(upper & (filter.len() as u64 * 64 - 1)).unwrap_or(0);
    (index / 64, 1 << (index % 64))
}
