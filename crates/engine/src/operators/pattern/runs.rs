//! Repeats of one character.

use super::machine::{Frame, Machine, Next};
use super::program::{Address, OneOf, Stop};

impl Machine<'_> {
    /// As many characters as there are, up to `most`: how many, and the place behind them.
    fn take(&mut self, one: &OneOf, most: usize, start: usize) -> Option<(usize, usize)> {
        let (mut count, mut place) = (0, start);
        while count < most
            && let Some(next) = self.one(one, place)
        {
            self.spend(1)?;
            (count, place) = (count + 1, next);
        }
        Some((count, place))
    }

    pub(super) fn run_of(
        &mut self,
        address: Address,
        one: &OneOf,
        (least, most): (usize, usize),
        stop: Stop,
        place: usize,
    ) -> Option<Next> {
        let (count, first) = self.take(one, least, place)?;
        if count < least {
            return Some(Next::End);
        }
        if stop == Stop::Early {
            if most > least {
                self.frames.push(Frame::Later {
                    address,
                    place: first,
                    left: most - least,
                });
            }
            return Some(Next::At(address + 1, first));
        }
        let (_, end) = self.take(one, most - least, first)?;
        if stop == Stop::Late {
            self.open_earlier(address, first, end);
        }
        Some(Next::At(address + 1, end))
    }

    /// A greedy run without an upper limit. Two of them that overlap end at the same place, so that only those ends are
    /// tried that an earlier one has not had.
    pub(super) fn endless_run(
        &mut self,
        address: Address,
        one: &OneOf,
        least: usize,
        place: usize,
    ) -> Option<Next> {
        let known = match &self.history {
            Some(history) if self.program.is_pure[address] => history.last_run(address),
            _ => None,
        };
        if let Some((start, end)) = known {
            if (start..=end).contains(&place) {
                return Some(Next::End);
            }
            if place < start {
                return self.run_before(address, one, least, place, (start, end));
            }
        }
        let (count, first) = self.take(one, least, place)?;
        let (_, end) = if count == least {
            self.take(one, usize::MAX, first)?
        } else {
            (0, first)
        };
        self.note_run(address, place, end);
        if count < least {
            return Some(Next::End);
        }
        self.open_earlier(address, first, end);
        Some(Next::At(address + 1, end))
    }

    /// A run that starts before one that is known.
    fn run_before(
        &mut self,
        address: Address,
        one: &OneOf,
        least: usize,
        place: usize,
        (start, end): (usize, usize),
    ) -> Option<Next> {
        let (mut before, mut at) = (0, place);
        while at < start
            && let Some(next) = self.one(one, at)
        {
            self.spend(1)?;
            (before, at) = (before + 1, next);
        }
        let reaches = at >= start;
        let end = if reaches { end } else { at };
        self.note_run(address, place, end);
        let rest = &self.text[place..end];
        self.spend(least.min(rest.len()))?;
        let Some(first) = place_after(rest, least).map(|first| place + first) else {
            return Some(Next::End);
        };
        // With the run that is known, the last end that it has not had is one character before its own first.
        let last = if reaches {
            place_after(&self.text[first..end], before - 1).map_or(end, |last| first + last)
        } else {
            end
        };
        self.open_earlier(address, first, last);
        Some(Next::At(address + 1, last))
    }

    fn note_run(&mut self, address: Address, start: usize, end: usize) {
        if let Some(history) = &mut self.history {
            history.note_run(address, start, end);
        }
    }

    fn open_earlier(&mut self, address: Address, first: usize, end: usize) {
        if end > first {
            self.frames.push(Frame::Earlier {
                address: address + 1,
                first,
                place: end,
            });
        }
    }
}

/// The place behind so many characters. `None`: there are not as many.
fn place_after(text: &str, characters: usize) -> Option<usize> {
    text.char_indices()
        .map(|(at, _)| at)
        .chain([text.len()])
        .nth(characters)
}
