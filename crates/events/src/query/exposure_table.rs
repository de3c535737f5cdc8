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

/// Buckets of the index for each exposure, as a power of two. With four, an identity is nearly always the first of its
/// bucket, so that the processor guesses right about where to look.
const BUCKETS_PER_EXPOSURE_LOG2: u32 = 2;

/// Exposures that are looked at one by one before the rest is searched.
const NEARBY: usize = 8;

/// Bytes that one identity takes in the finished table: its exposure, and its buckets, whose number is rounded up to a
/// power of two.
pub(crate) const TABLE_BYTES: usize =
    size_of::<Exposure>() + 2 * (size_of::<u32>() << BUCKETS_PER_EXPOSURE_LOG2);

/// The first exposure of each identity in a range of hashes, found by hash.
///
/// The exposures are ordered by hash, and an index over the leading bits says where to look: hashes are evenly spread, so
/// a place in the index leads to the exposure itself or to a neighbour. Rows that come in the order of the hashes, as
/// those of a file do, touch both in order.
#[derive(Debug)]
pub(crate) struct ExposureTable {
    range: HashRange,
    /// The exposures, and one behind them that is later than any event: see [`ExposureTable::find`].
    exposures: Vec<Exposure>,
    /// For each bucket, the position of the first exposure that is in it or behind it.
    index: Vec<u32>,
    /// The bits of an offset below those that number its bucket.
    shift: u32,
}

impl ExposureTable {
    fn new(range: HashRange, mut exposures: Vec<Exposure>) -> Self {
        let bucket_bits = usize::BITS - exposures.len().leading_zeros() + BUCKETS_PER_EXPOSURE_LOG2;
        let shift = range.bits().saturating_sub(bucket_bits);
        let buckets = 1_usize << (range.bits() - shift);
        let mut index = Vec::with_capacity(buckets);
        for (position, exposure) in (0_u32..).zip(&exposures) {
            let bucket = range
                .offset(exposure.high)
                .map_or(0, |offset| bucket(offset, shift));
            while index.len() <= bucket {
                index.push(position);
            }
        }
        index.resize(buckets, u32::try_from(exposures.len()).unwrap_or(u32::MAX));
        exposures.push(Exposure {
            high: u64::MAX,
            low: 0,
            first_ms: i64::MAX,
            variant: QUARANTINED,
        });
        Self {
            range,
            exposures,
            index,
            shift,
        }
    }

    /// Returns the position of an identity and the millisecond of its first exposure. For an identity that was not
    /// exposed these are the position behind all others and a millisecond that is later than any event.
    pub(crate) fn find(&self, high: u64, low: u64) -> (usize, i64) {
        let nobody = self.exposures.len() - 1;
        let Some(offset) = self.range.offset(high) else {
            return (nobody, i64::MAX);
        };
        let start = self.index[bucket(offset, self.shift)] as usize;
        for (exposure, position) in self.exposures[start..nobody].iter().take(NEARBY).zip(start..) {
            if exposure.high == high && exposure.low == low {
                return (position, exposure.first_ms);
            }
            if exposure.high > high {
                return (nobody, i64::MAX);
            }
        }
        self.search(start, high, low)
    }

    /// Finds an identity in a crowded bucket. Hashes that were not chosen to collide never lead here.
    #[cold]
    fn search(&self, start: usize, high: u64, low: u64) -> (usize, i64) {
        let nobody = self.exposures.len() - 1;
        let found = self.exposures[start..nobody].binary_search_by_key(&(high, low), |it| (it.high, it.low));
        found.map_or((nobody, i64::MAX), |at| {
            (start + at, self.exposures[start + at].first_ms)
        })
    }

    /// The exposures, ordered by hash.
    pub(crate) fn exposures(&self) -> &[Exposure] {
        &self.exposures[..self.exposures.len() - 1]
    }
}

/// The bucket of a hash, by its offset in the range.
fn bucket(offset: u64, shift: u32) -> usize {
    usize::try_from(offset >> shift).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u64) -> u64 {
        number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }

    fn found(table: &ExposureTable, high: u64, low: u64) -> Option<usize> {
        let (position, first_ms) = table.find(high, low);
        assert_eq!(position == table.exposures().len(), first_ms == i64::MAX);
        (first_ms < i64::MAX).then_some(position)
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
                    let at = found(&table, hash(number), number).map(|at| table.exposures()[at].low);
                    assert_eq!(at, range.contains(hash(number)).then_some(number));
                    assert_eq!(found(&table, hash(number), number + 1), None);
                }
                assert_eq!(found(&table, hash(identities), identities), None);
                assert_eq!(found(&table, 0, u64::MAX), None);
                assert_eq!(found(&table, u64::MAX, 0), None);
            }
        }
    }

    #[test]
    fn extreme_hashes_are_found() {
        let mut collector = Collector::new(HashRange::ALL, usize::MAX);
        collector.add(u64::MAX, 1, 10, 0).unwrap();
        collector.add(u64::MAX, 0, 10, 0).unwrap();
        collector.add(0, 1, 10, 0).unwrap();
        let table = collector.finish().unwrap();
        assert_eq!(found(&table, 0, 1), Some(0));
        assert_eq!(
            (found(&table, u64::MAX, 0), found(&table, u64::MAX, 1)),
            (Some(1), Some(2))
        );
        assert_eq!(found(&table, u64::MAX, 2), None);
    }

    #[test]
    fn identities_whose_hashes_were_made_to_collide_are_found() {
        let mut collector = Collector::new(HashRange::ALL, usize::MAX);
        for low in 0..1_000 {
            collector.add(77, low, 10, 0).unwrap();
        }
        let table = collector.finish().unwrap();
        for low in 0..1_000_u32 {
            assert_eq!(found(&table, 77, u64::from(low)), Some(low as usize));
        }
        assert_eq!(
            (
                found(&table, 77, 1_000),
                found(&table, 76, 3),
                found(&table, 78, 3)
            ),
            (None, None, None)
        );
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
