//! Runs a program on a text, within a number of steps.
//!
//! It tries one way after the other and goes back where one ends. After some steps it keeps where it has been: a place of
//! the program whose outcome depends on the place in the text alone is then tried once for each, which makes the time of
//! a pattern without references linear in the text (the bit-state search of RE2).

use smallvec::SmallVec;

use super::MAX_STEPS;
use super::history::History;
use super::program::{Address, Instruction, OneOf, Program, Slot, Stop, group_slots};
use super::set::is_word;
use super::syntax::Position;

/// A slot that holds no place.
const NOTHING: usize = usize::MAX;

/// Whether the pattern is found at the start of the text. After `steps_without_history`, the run keeps where it has been.
/// `None`: the steps do not suffice to tell.
pub(super) fn is_match(program: &Program, text: &str, steps_without_history: usize) -> Option<bool> {
    let mut machine = Machine {
        program,
        text,
        frames: SmallVec::new(),
        slots: SmallVec::from_elem(NOTHING, program.slots),
        steps: MAX_STEPS,
        history: None,
    };
    machine.run(steps_without_history)
}

/// A run of a program on a text.
pub(super) struct Machine<'a> {
    pub(super) program: &'a Program,
    pub(super) text: &'a str,
    /// What to do when a way ends, the last first.
    pub(super) frames: SmallVec<[Frame; 16]>,
    slots: SmallVec<[usize; 8]>,
    /// How many are left.
    steps: usize,
    pub(super) history: Option<History>,
}

/// What to do when a way ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Frame {
    /// Another way from here.
    Try { address: Address, place: usize },
    /// What a slot held before.
    Restore { slot: Slot, value: usize },
    /// The run before this address can end earlier, by one character at a time.
    Earlier {
        address: Address,
        first: usize,
        place: usize,
    },
    /// The run at this address can end later, by one character at a time.
    Later {
        address: Address,
        place: usize,
        left: usize,
    },
}

/// What comes after an instruction.
pub(super) enum Next {
    /// On with the instruction at this address and the text at this place.
    At(Address, usize),
    /// This way ends.
    End,
    Found,
}

impl<'a> Machine<'a> {
    fn run(&mut self, steps_without_history: usize) -> Option<bool> {
        let (mut address, mut place) = (0, 0);
        loop {
            self.spend(1)?;
            match self.step(address, place)? {
                Next::At(next, at) => (address, place) = (next, at),
                Next::Found => return Some(true),
                Next::End => match self.back()? {
                    Some((next, at)) => (address, place) = (next, at),
                    None => return Some(false),
                },
            }
            if self.history.is_none() && self.steps < MAX_STEPS - steps_without_history {
                self.history = Some(History::new(self.program.instructions.len(), self.text.len()));
            }
        }
    }

    /// `None`: there are not as many left.
    pub(super) fn spend(&mut self, steps: usize) -> Option<()> {
        self.steps = self.steps.checked_sub(steps)?;
        Some(())
    }

    fn step(&mut self, address: Address, place: usize) -> Option<Next> {
        let next = address + 1;
        let program = self.program;
        Some(match &program.instructions[address] {
            Instruction::Text(text) => {
                if self.text[place..].starts_with(&**text) {
                    Next::At(next, place + text.len())
                } else {
                    Next::End
                }
            }
            Instruction::One(one) => match self.one(one, place) {
                Some(place) => Next::At(next, place),
                None => Next::End,
            },
            Instruction::Run {
                one,
                least,
                most,
                stop,
            } => {
                if *stop == Stop::Late && *most == usize::MAX {
                    self.endless_run(address, one, *least, place)?
                } else if self.has_been(address, place) {
                    Next::End
                } else {
                    self.run_of(address, one, (*least, *most), *stop, place)?
                }
            }
            Instruction::Position(position) => {
                if self.is_at(*position, place) {
                    Next::At(next, place)
                } else {
                    Next::End
                }
            }
            Instruction::Split(first, second) => {
                if self.has_been(address, place) {
                    return Some(Next::End);
                }
                self.frames.push(Frame::Try {
                    address: *second,
                    place,
                });
                Next::At(*first, place)
            }
            Instruction::Jump(to) => Next::At(*to, place),
            Instruction::Keep(slot) => {
                self.set(*slot, place);
                Next::At(next, place)
            }
            Instruction::Forget(slot) => {
                self.set(*slot, NOTHING);
                Next::At(next, place)
            }
            Instruction::Guard { slot, end } => {
                if self.slots[*slot] == place {
                    return Some(Next::At(*end, place));
                }
                self.set(*slot, place);
                Next::At(next, place)
            }
            Instruction::Zero(slot) => {
                self.set(*slot, 0);
                Next::At(next, place)
            }
            Instruction::Count {
                slot,
                started,
                least,
                most,
                is_lazy,
                end,
            } => {
                let count = self.slots[*slot];
                // A repeat that took nothing can be had as often as is asked for.
                if count >= *most || self.slots[*started] == place {
                    return Some(Next::At(*end, place));
                }
                if count >= *least && *is_lazy {
                    self.frames.push(Frame::Try { address, place });
                    return Some(Next::At(*end, place));
                }
                if count >= *least {
                    self.frames.push(Frame::Try { address: *end, place });
                }
                self.set(*slot, count + 1);
                self.set(*started, place);
                Next::At(next, place)
            }
            Instruction::Mark(slot) => {
                self.set(*slot, self.frames.len());
                Next::At(next, place)
            }
            Instruction::Cut(slot) => {
                self.cut(self.slots[*slot])?;
                Next::At(next, place)
            }
            Instruction::Look { slot, behind } => {
                self.keep_for_look(*slot, place);
                match self.go_back(place, *behind)? {
                    Some(place) => Next::At(next, place),
                    None => Next::End,
                }
            }
            Instruction::Seen(slot) => {
                let place = self.slots[slot + 1];
                self.cut(self.slots[*slot])?;
                Next::At(next, place)
            }
            Instruction::LookNot { slot, behind, end } => {
                self.keep_for_look(*slot, place);
                match self.go_back(place, *behind)? {
                    Some(start) => {
                        self.frames.push(Frame::Try { address: *end, place });
                        Next::At(next, start)
                    }
                    None => Next::At(*end, place),
                }
            }
            Instruction::SeenNot(slot) => {
                let height = self.slots[*slot];
                while self.frames.len() > height {
                    self.spend(1)?;
                    if let Some(Frame::Restore { slot, value }) = self.frames.pop() {
                        self.slots[slot] = value;
                    }
                }
                Next::End
            }
            Instruction::Again(group, fold) => {
                let Some(found) = self.group(*group) else {
                    return Some(Next::End);
                };
                self.spend(found.len())?;
                let mut rest = self.text[place..].chars();
                let is_there = found
                    .chars()
                    .all(|wanted| rest.next().is_some_and(|next| fold.key(next) == fold.key(wanted)));
                if is_there {
                    Next::At(next, self.text.len() - rest.as_str().len())
                } else {
                    Next::End
                }
            }
            Instruction::Unless(group, otherwise) => match self.group(*group) {
                Some(_) => Next::At(next, place),
                None => Next::At(*otherwise, place),
            },
            Instruction::Match => Next::Found,
        })
    }

    /// The next way to try. `Some(None)`: there is none.
    fn back(&mut self) -> Option<Option<(Address, usize)>> {
        while let Some(frame) = self.frames.pop() {
            self.spend(1)?;
            let (address, place) = match frame {
                Frame::Restore { slot, value } => {
                    self.slots[slot] = value;
                    continue;
                }
                Frame::Try { address, place } => (address, place),
                Frame::Earlier {
                    address,
                    first,
                    place,
                } => {
                    let place = self.text.floor_char_boundary(place - 1);
                    if place > first {
                        self.frames.push(Frame::Earlier {
                            address,
                            first,
                            place,
                        });
                    }
                    (address, place)
                }
                Frame::Later { address, place, left } => {
                    let Instruction::Run { one, .. } = &self.program.instructions[address] else {
                        continue;
                    };
                    let Some(place) = self.one(one, place) else {
                        continue;
                    };
                    if left > 1 {
                        self.frames.push(Frame::Later {
                            address,
                            place,
                            left: left - 1,
                        });
                    }
                    (address + 1, place)
                }
            };
            let marks_itself = matches!(
                self.program.instructions[address],
                Instruction::Split(..) | Instruction::Run { .. }
            );
            if marks_itself || !self.has_been(address, place) {
                return Some(Some((address, place)));
            }
        }
        Some(None)
    }

    /// Whether the run has been here already. Always `false` where the outcome depends on more than the place.
    fn has_been(&mut self, address: Address, place: usize) -> bool {
        match &mut self.history {
            Some(history) if self.program.is_pure[address] => history.has_been(address, place),
            _ => false,
        }
    }

    fn set(&mut self, slot: Slot, value: usize) {
        self.frames.push(Frame::Restore {
            slot,
            value: self.slots[slot],
        });
        self.slots[slot] = value;
    }

    fn keep_for_look(&mut self, slot: Slot, place: usize) {
        self.set(slot + 1, place);
        // Both changes of slots stay when the ways of the look are closed.
        self.set(slot, self.frames.len() + 1);
    }

    /// Closes the ways opened since there were so many frames; what slots held before stays known.
    fn cut(&mut self, height: usize) -> Option<()> {
        self.spend(self.frames.len().saturating_sub(height))?;
        let mut kept = height;
        for at in height..self.frames.len() {
            if let frame @ Frame::Restore { .. } = self.frames[at] {
                self.frames[kept] = frame;
                kept += 1;
            }
        }
        self.frames.truncate(kept);
        Some(())
    }

    /// So many characters before a place. `Some(None)`: there are not as many.
    fn go_back(&mut self, place: usize, characters: u64) -> Option<Option<usize>> {
        let mut before = self.text[..place].chars();
        for _ in 0..characters {
            self.spend(1)?;
            if before.next_back().is_none() {
                return Some(None);
            }
        }
        Some(Some(before.as_str().len()))
    }

    /// What a group found last.
    fn group(&self, group: usize) -> Option<&'a str> {
        let (start, end) = group_slots(group);
        let (start, end) = (self.slots[start], self.slots[end]);
        (end != NOTHING).then(|| self.text.get(start..end)).flatten()
    }

    fn is_at(&self, position: Position, place: usize) -> bool {
        let before = || self.text[..place].chars().next_back();
        let after = || self.text[place..].chars().next();
        let is_boundary = |ascii| {
            let is_word = |character| is_word(character, ascii);
            before().is_some_and(is_word) != after().is_some_and(is_word)
        };
        match position {
            Position::TextStart => place == 0,
            Position::LineStart => matches!(before(), None | Some('\n')),
            Position::TextEnd => place == self.text.len(),
            Position::LastLineEnd => matches!(&self.text[place..], "" | "\n"),
            Position::LineEnd => matches!(after(), None | Some('\n')),
            Position::WordBoundary { ascii } => is_boundary(ascii),
            // An empty text has neither.
            Position::NoWordBoundary { ascii } => !self.text.is_empty() && !is_boundary(ascii),
        }
    }

    /// The place behind the character, if it is one of these.
    pub(super) fn one(&self, one: &OneOf, place: usize) -> Option<usize> {
        let character = self.text[place..].chars().next()?;
        let is_one = match one {
            OneOf::Any => true,
            OneOf::NoNewLine => character != '\n',
            OneOf::Literal(literal, fold) => fold.key(character) == *literal,
            OneOf::Set(set, fold) => self.program.sets[*set].contains(fold.key(character)),
        };
        is_one.then(|| place + character.len_utf8())
    }
}
