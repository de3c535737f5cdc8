//! Order statistics of numbers that may be too many to hold.

/// Parts into which a range that holds too many numbers is divided.
const PARTS_LOG2: u32 = 12;

/// Finds the numbers at some ranks, reading all numbers several times if they are too many to hold.
///
/// A reading holds the numbers of a range; when they become too many it counts them by parts of the range, and the next
/// reading looks into the parts that hold the ranks. What is sought is exact, whatever the limit.
#[derive(Debug)]
pub(crate) struct RankSearch {
    /// Numbers held of one range at most; no less than the parts, so that counting takes no more memory than holding.
    limit: usize,
    ranges: Vec<Range>,
    found: Vec<(u64, f64)>,
    count: u64,
    is_first_reading: bool,
}

/// Numbers whose keys have the same upper bits.
#[derive(Debug)]
struct Range {
    low: u64,
    /// The range holds 2^bits keys.
    bits: u32,
    /// Numbers below the range.
    below: u64,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Held(Vec<u64>),
    /// How many there are in each part.
    Counted(Vec<u64>),
}

impl RankSearch {
    /// A search over numbers of which about `limit` are held.
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit: limit.max(1 << PARTS_LOG2),
            ranges: vec![Range::new(0, u64::BITS, 0)],
            found: Vec::new(),
            count: 0,
            is_first_reading: true,
        }
    }

    /// Takes a number, which is not NaN. Every reading gives the same numbers, in any order.
    pub(crate) fn add(&mut self, number: f64) {
        self.count += u64::from(self.is_first_reading);
        let key = key_of(number);
        for range in &mut self.ranges {
            if range.contains(key) {
                range.add(key, self.limit);
            }
        }
    }

    /// How many numbers there are, after the first reading.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Ends a reading: `ranks` (counted from 0, each below the count) are sought. Returns whether another reading is needed.
    pub(crate) fn end_reading(&mut self, ranks: &[u64]) -> bool {
        self.is_first_reading = false;
        let mut next: Vec<Range> = Vec::new();
        for range in &mut self.ranges {
            if let Content::Held(keys) = &mut range.content {
                keys.sort_unstable();
            }
        }
        for &rank in ranks {
            if self.get(rank).is_some() {
                continue;
            }
            match self.ranges.iter().find_map(|range| range.seek(rank)) {
                Some(Sought::Found(number)) => self.found.push((rank, number)),
                Some(Sought::In(range)) if next.iter().all(|known| known.low != range.low) => {
                    next.push(range);
                }
                Some(Sought::In(_)) | None => {}
            }
        }
        self.ranges = next;
        !self.ranges.is_empty()
    }

    /// The number at a rank that was sought, once it is found.
    pub(crate) fn get(&self, rank: u64) -> Option<f64> {
        self.found
            .iter()
            .find(|(found, _)| *found == rank)
            .map(|(_, number)| *number)
    }
}

enum Sought {
    Found(f64),
    In(Range),
}

impl Range {
    fn new(low: u64, bits: u32, below: u64) -> Self {
        Self {
            low,
            bits,
            below,
            content: Content::Held(Vec::new()),
        }
    }

    fn contains(&self, key: u64) -> bool {
        self.bits == u64::BITS || (key ^ self.low) >> self.bits == 0
    }

    fn part_bits(&self) -> u32 {
        self.bits.saturating_sub(PARTS_LOG2)
    }

    fn part_of(&self, key: u64) -> usize {
        usize::try_from((key - self.low) >> self.part_bits()).unwrap_or(usize::MAX)
    }

    fn add(&mut self, key: u64, limit: usize) {
        if let Content::Held(keys) = &mut self.content {
            if keys.len() < limit {
                keys.push(key);
                return;
            }
            let mut counts = vec![0; 1 << PARTS_LOG2];
            let keys = std::mem::take(keys);
            for key in keys {
                counts[self.part_of(key)] += 1;
            }
            self.content = Content::Counted(counts);
        }
        let part = self.part_of(key);
        if let Content::Counted(counts) = &mut self.content {
            counts[part] += 1;
        }
    }

    /// Where a rank is, if it is in this range.
    fn seek(&self, rank: u64) -> Option<Sought> {
        let mut rest = rank.checked_sub(self.below)?;
        match &self.content {
            Content::Held(keys) => {
                let at = usize::try_from(rest).ok()?;
                keys.get(at).map(|&key| Sought::Found(number_of(key)))
            }
            Content::Counted(counts) => {
                for (part, &count) in (0_u64..).zip(counts) {
                    if rest < count {
                        let (low, bits) = (self.low + (part << self.part_bits()), self.part_bits());
                        return Some(match bits {
                            0 => Sought::Found(number_of(low)),
                            _ => Sought::In(Self::new(low, bits, rank - rest)),
                        });
                    }
                    rest -= count;
                }
                None
            }
        }
    }
}

/// Numbers are ordered as their keys are. Both zeros have the same key.
fn key_of(number: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = (number + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn number_of(key: u64) -> f64 {
    const SIGN: u64 = 1 << 63;
    f64::from_bits(if key & SIGN == 0 { !key } else { key ^ SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds ranks with as many readings as it takes; also how many these were.
    fn search(limit: usize, numbers: &[f64], ranks: &[u64]) -> (Vec<Option<f64>>, usize) {
        let mut search = RankSearch::new(limit);
        let mut readings = 0;
        loop {
            for &number in numbers {
                search.add(number);
            }
            readings += 1;
            assert_eq!(search.count(), numbers.len() as u64);
            if !search.end_reading(ranks) {
                return (ranks.iter().map(|&rank| search.get(rank)).collect(), readings);
            }
        }
    }

    fn assert_sorted(limit: usize, numbers: &[f64]) -> usize {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let places = [0, last / 3, last / 2, last * 99 / 100, last];
        let ranks = places.map(|place| place as u64);
        let (found, readings) = search(limit, numbers, &ranks);
        assert_eq!(found, places.map(|place| Some(sorted[place])));
        readings
    }

    #[test]
    fn ranks_are_found_whatever_is_held() {
        let spread: Vec<f64> = (0..20_000_u32)
            .map(|number| f64::from(number.wrapping_mul(2_654_435_761) % 90_001) / 7.0 - 3_000.0)
            .collect();
        assert_eq!(assert_sorted(usize::MAX, &spread), 1);
        assert!(assert_sorted(0, &spread) > 1);
        let near: Vec<f64> = (0..20_000_u32)
            .map(|number| 1.0 + f64::from(number) * f64::EPSILON)
            .collect();
        assert!(assert_sorted(0, &near) > 2);
        assert!(assert_sorted(0, &vec![0.1; 20_000]) > 2);
        assert_eq!(
            assert_sorted(0, &[f64::NEG_INFINITY, -1.0, 2.0, f64::INFINITY]),
            1
        );
    }

    #[test]
    fn nothing_is_found_among_nothing() {
        assert_eq!(search(0, &[], &[]), (vec![], 1));
    }

    #[test]
    fn keys_keep_the_order_and_the_number() {
        let ordered = [
            f64::NEG_INFINITY,
            -2.5,
            -f64::MIN_POSITIVE,
            0.0,
            f64::MIN_POSITIVE,
            3.0,
            f64::INFINITY,
        ];
        for pair in ordered.windows(2) {
            assert!(key_of(pair[0]) < key_of(pair[1]));
        }
        for number in ordered {
            assert_eq!(number_of(key_of(number)).to_bits(), number.to_bits());
        }
        assert_eq!(key_of(-0.0), key_of(0.0));
    }
}
