//! Where a run has been.

/// The most bits that are kept. A larger program and text run without, within the same number of steps.
const MAX_BITS: usize = 1 << 24;

/// The places of the program and of the text that a run has been at together.
#[derive(Debug)]
pub(super) struct History {
    bits: Vec<u64>,
    /// The places of the text.
    width: usize,
    /// By address: the start and end of the last run without an upper limit.
    runs: Vec<Option<(usize, usize)>>,
}

impl History {
    pub(super) fn new(instructions: usize, text: usize) -> Self {
        let width = text + 1;
        let bits = instructions.saturating_mul(width);
        Self {
            bits: if bits > MAX_BITS {
                Vec::new()
            } else {
                vec![0; bits.div_ceil(64)]
            },
            width,
            runs: vec![None; instructions],
        }
    }

    /// Whether this is not the first time.
    pub(super) fn has_been(&mut self, address: usize, place: usize) -> bool {
        let bit = address * self.width + place;
        let Some(word) = self.bits.get_mut(bit / 64) else {
            return false;
        };
        let mask = 1 << (bit % 64);
        let had = *word & mask != 0;
        *word |= mask;
        had
    }

    pub(super) fn last_run(&self, address: usize) -> Option<(usize, usize)> {
        self.runs[address]
    }

    pub(super) fn note_run(&mut self, address: usize, start: usize, end: usize) {
        self.runs[address] = Some((start, end));
    }
}
