//! Who was first exposed when, and to which variant.

use std::collections::HashMap;

use super::hash_range::HashRange;
use crate::error::{EventsError, Result};

/// Bytes of the names of all variants of one experiment at most. A variant is an arbitrary text of an event; a few
/// names are expected, and this bounds what a hostile client can make the server hold.
const MAX_VARIANT_BYTES: usize = 16 << 20;

/// Exposures collected before they are first merged.
const MIN_PENDING: usize = 65_536;

/// Bytes that one identity takes while the table is built: its place in the merged exposures, in those that are still
/// to be merged, and in the memory of the merge.
pub(crate) const BUILD_BYTES: usize = 3 * size_of::<Exposure>();

/// The variant of an identity that saw several.
const QUARANTINED: u32 = u32::MAX;

/// The first exposure of one identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exposure {
    /// The halves of the identifier's hash.
    high: u64,
    low: u64,
    /// When, in milliseconds since the Unix epoch.
    pub first_ms: i64,
    variant: u32,
}

impl Exposure {
    /// The number of the variant, `None` when the identity saw several.
    pub(crate) fn variant(&self) -> Option<usize> {
        (self.variant != QUARANTINED).then_some(self.variant as usize)
    }

    fn is_of(&self, other: &Self) -> bool {
        self.high == other.high && self.low == other.low
    }

    fn merge(&mut self, other: &Self) {
        self.first_ms = self.first_ms.min(other.first_ms);
        if self.variant != other.variant {
            self.variant = QUARANTINED;
        }
    }
}

/// The variants that were seen, numbered from 0.
#[derive(Debug, Default)]
pub(crate) struct Variants {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
    bytes: usize,
}

impl Variants {
    /// Returns the number of a variant.
    ///
    /// # Errors
    /// `LimitExceeded` when the names of the variants take too much memory.
    pub(crate) fn number(&mut self, name: &str) -> Result<u32> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        self.bytes += name.len() + 2 * size_of::<String>();
        let number = u32::try_from(self.names.len()).unwrap_or(QUARANTINED);
        if self.bytes > MAX_VARIANT_BYTES || number == QUARANTINED {
            let what = "the length of the names of all variants in bytes";
            return Err(EventsError::LimitExceeded {
                what,
                limit: MAX_VARIANT_BYTES as u64,
            });
        }
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Ok(number)
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }
}

/// Collects exposures in any order into one for each identity.
#[derive(Debug)]
pub(crate) struct Collector {
    range: HashRange,
    /// Identities at most, unless the range cannot be halved.
    limit: usize,
    /// One for each identity, ordered by hash.
    merged: Vec<Exposure>,
    pending: Vec<Exposure>,
}

/// The table holds more identities than it may: the range is to be halved.
#[derive(Debug)]
pub(crate) struct TooMany;

impl Collector {
    pub(crate) fn new(range: HashRange, limit: usize) -> Self {
        Self {
            range,
            limit,
            merged: Vec::new(),
            pending: Vec::new(),
        }
    }

    /// Takes an exposure into account. Those outside the range are left out.
    pub(crate) fn add(
        &mut self,
        high: u64,
        low: u64,
        timestamp_ms: i64,
        variant: u32,
    ) -> Result<(), TooMany> {
        if !self.range.contains(high) {
            return Ok(());
        }
        let exposure = Exposure {
            high,
            low,
            first_ms: timestamp_ms,
            variant,
        };
        // The files are ordered by identity, so most repeated exposures follow one another.
        if let Some(last) = self.pending.last_mut()
            && last.is_of(&exposure)
        {
            last.merge(&exposure);
            return Ok(());
        }
        if self.pending.len() >= self.merged.len().max(MIN_PENDING.min(self.limit)) {
            self.merge()?;
        }
        self.pending.push(exposure);
        Ok(())
    }

    fn merge(&mut self) -> Result<(), TooMany> {
        self.merged.append(&mut self.pending);
        // The standard library's stable sort finds the ordered runs that the files come as, and merges them.
        self.merged.sort_by_key(|exposure| (exposure.high, exposure.low));
        self.merged.dedup_by(|next, kept| {
            let same = kept.is_of(next);
            if same {
                kept.merge(next);
            }
            same
        });
        if self.merged.len() > self.limit && self.range.halves().is_some() {
            Err(TooMany)
        } else {
            Ok(())
        }
    }

    pub(crate) fn finish(mut self) -> Result<ExposureTable, TooMany> {
        self.merge()?;
        self.merged.shrink_to_fit();
        Ok(ExposureTable::new(self.range, self.merged))
    }
}

/// The first exposure of each identity in a range of hashes, found by hash.
///
/// The exposures are ordered by hash, and an index over the leading bits says where to look: hashes are evenly spread,
/// so a place in the index leads to one exposure on average. Rows that come in the order of the hashes, as those of a
/// file do, touch both in order.
#[derive(Debug)]
pub(crate) struct ExposureTable {
    range: HashRange,
    exposures: Vec<Exposure>,
    /// Where the exposures of each bucket start, and at last where they end.
    index: Vec<u32>,
    /// The bits of an offset below those that number its bucket.
    shift: u32,
}

impl ExposureTable {
    fn new(range: HashRange, exposures: Vec<Exposure>) -> Self {
        let bucket_bits = usize::BITS - exposures.len().leading_zeros();
        let shift = range.bits().saturating_sub(bucket_bits).min(u64::BITS - 1);
        let mut table = Self {
            range,
            exposures,
            index: Vec::new(),
            shift,
        };
        let buckets = 1_usize << (range.bits() - shift).min(bucket_bits + 1);
        let mut index = Vec::with_capacity(buckets + 1);
        for (position, exposure) in (0_u32..).zip(&table.exposures) {
            let bucket = table.bucket(exposure.high).unwrap_or(0);
            while index.len() <= bucket {
                index.push(position);
            }
        }
        let end = u32::try_from(table.exposures.len()).unwrap_or(u32::MAX);
        index.resize(buckets.max(index.len()) + 1, end);
        table.index = index;
        table
    }

    fn bucket(&self, high: u64) -> Option<usize> {
        usize::try_from(self.range.offset(high)? >> self.shift).ok()
    }

    /// Returns the position of an identity's exposure.
    pub(crate) fn find(&self, high: u64, low: u64) -> Option<usize> {
        let bucket = self.bucket(high)?;
        let (start, end) = (
            *self.index.get(bucket)? as usize,
            *self.index.get(bucket + 1)? as usize,
        );
        let candidates = self.exposures.get(start..end)?;
        candidates
            .iter()
            .position(|exposure| exposure.high == high && exposure.low == low)
            .map(|at| start + at)
    }

    /// The exposures, ordered by hash.
    pub(crate) fn exposures(&self) -> &[Exposure] {
        &self.exposures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn table(range: HashRange, identities: u64) -> ExposureTable {
        let mut collector = Collector::new(range, usize::MAX);
        for number in 0..identities {
            collector.add(hash(number), number, 10, 0).unwrap();
        }
        collector.finish().unwrap()
    }

    #[test]
    fn every_identity_is_found_and_no_other() {
        let (lower, upper) = HashRange::ALL.halves().unwrap();
        let (third, _) = upper.halves().unwrap();
        for range in [HashRange::ALL, lower, upper, third] {
            for identities in [0, 1, 2, 3, 1000, 1024] {
                let table = table(range, identities);
                for number in 0..identities {
                    let found = table
                        .find(hash(number), number)
                        .map(|at| table.exposures()[at].low);
                    assert_eq!(found, range.contains(hash(number)).then_some(number));
                    assert_eq!(table.find(hash(number), number + 1), None);
                }
                assert_eq!(table.find(hash(identities), identities), None);
                assert_eq!(table.find(0, u64::MAX), None);
                assert_eq!(table.find(u64::MAX, 0), None);
            }
        }
    }

    #[test]
    fn extreme_hashes_are_found() {
        let mut collector = Collector::new(HashRange::ALL, usize::MAX);
        collector.add(u64::MAX, 1, 10, 0).unwrap();
        collector.add(0, 1, 10, 0).unwrap();
        let table = collector.finish().unwrap();
        assert_eq!((table.find(0, 1), table.find(u64::MAX, 1)), (Some(0), Some(1)));
    }

    #[test]
    fn the_first_exposure_counts_and_two_variants_quarantine() {
        let mut collector = Collector::new(HashRange::ALL, usize::MAX);
        for (high, timestamp_ms, variant) in [(5, 30, 1), (7, 10, 0), (5, 20, 1), (7, 40, 2), (5, 50, 1)] {
            collector.add(high, 0, timestamp_ms, variant).unwrap();
        }
        let table = collector.finish().unwrap();
        let seen: Vec<_> = table
            .exposures()
            .iter()
            .map(|it| (it.high, it.first_ms, it.variant()))
            .collect();
        assert_eq!(seen, [(5, 20, Some(1)), (7, 10, None)]);
    }

    #[test]
    fn a_collector_over_its_limit_says_so() {
        let mut collector = Collector::new(HashRange::ALL, 10);
        let added: Result<Vec<()>, TooMany> = (0..100)
            .map(|number| collector.add(hash(number), 0, 0, 0))
            .collect();
        assert!(added.is_err() || collector.finish().is_err());
    }
}
