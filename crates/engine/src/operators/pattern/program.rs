//! A pattern as instructions.

use super::case::Fold;
use super::set::CharSet;
use super::syntax::Position;

/// A place in the program.
pub(super) type Address = usize;

/// Where a run keeps a number.
pub(super) type Slot = usize;

/// A pattern, ready to run.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) instructions: Vec<Instruction>,
    /// The different sets of the pattern.
    pub(super) sets: Vec<CharSet>,
    /// How many numbers a run keeps. The first ones are where groups start and end.
    pub(super) slots: usize,
    /// By instruction: whether what can follow from it depends on nothing but the place in the text, so that a run need
    /// not come there twice with the same place.
    pub(super) is_pure: Vec<bool>,
}

/// A step of a run.
#[derive(Clone, Debug)]
pub(super) enum Instruction {
    /// Exactly this text.
    Text(Box<str>),
    /// One character.
    One(OneOf),
    /// One character, several times, and as few times more as `is_lazy` says.
    Run {
        one: OneOf,
        least: usize,
        most: usize,
        stop: Stop,
    },
    Position(Position),
    /// The first; if that leads nowhere, the second.
    Split(Address, Address),
    Jump(Address),
    /// Keeps the place in the text.
    Keep(Slot),
    /// Keeps a number that is no place.
    Forget(Slot),
    /// Starts another repeat at this place, unless one has started here: then on with `end`.
    Guard {
        slot: Slot,
        end: Address,
    },
    /// Starts a counted repeat.
    Zero(Slot),
    /// Another of a counted repeat, or on with `end`.
    Count {
        slot: Slot,
        /// Where the last repeat started.
        started: Slot,
        least: usize,
        most: usize,
        is_lazy: bool,
        end: Address,
    },
    /// Keeps which ways are open.
    Mark(Slot),
    /// Closes the ways that have been opened since.
    Cut(Slot),
    /// Keeps which ways are open, and the place, and goes back by some characters.
    Look {
        slot: Slot,
        behind: u64,
    },
    /// What was looked for is there: closes the ways and returns to the place.
    Seen(Slot),
    /// As `Look`; when what is looked for is not there, on with `end`.
    LookNot {
        slot: Slot,
        behind: u64,
        end: Address,
    },
    /// What must not be there is there.
    SeenNot(Slot),
    /// What a group found, once more.
    Again(usize, Fold),
    /// On with the address unless the group found something.
    Unless(usize, Address),
    Match,
}

/// What one character is compared with.
#[derive(Clone, Debug)]
pub(super) enum OneOf {
    Any,
    NoNewLine,
    Literal(char, Fold),
    /// The set by its place in the program.
    Set(usize, Fold),
}

/// How a run of one character ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// As late as possible, earlier if need be.
    Late,
    /// As early as possible, later if need be.
    Early,
    /// As late as possible.
    Last,
}

/// The slots of a group: where it starts and ends.
pub(super) fn group_slots(group: usize) -> (Slot, Slot) {
    (2 * group - 2, 2 * group - 1)
}
