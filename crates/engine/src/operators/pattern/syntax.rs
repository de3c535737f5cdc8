//! What a pattern says, once it is read.

use super::case::Fold;
use super::set::CharSet;

/// A pattern or a part of one.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// One character.
    One(One),
    /// A place that takes nothing.
    Position(Position),
    /// One after the other.
    Concat(Vec<Node>),
    /// The first of these that leads to a match.
    Alternate(Vec<Node>),
    /// Several times the same.
    Repeat {
        body: Box<Node>,
        least: u32,
        /// `None`: without limit.
        most: Option<u32>,
        mode: Mode,
        /// Whether the body can match without taking a character.
        is_nullable: bool,
    },
    /// What is found is kept under a number from 1.
    Capture(usize, Box<Node>),
    /// Once it is found, no other way is tried.
    Atomic(Box<Node>),
    /// Must be found here, or must not be, and takes nothing.
    Look {
        body: Box<Node>,
        /// How many characters before this place it starts.
        behind: u64,
        is_negative: bool,
    },
    /// What the group found, once more.
    Reference(usize, Fold),
    /// One way if the group found something, the other if not.
    Conditional {
        group: usize,
        yes: Box<Node>,
        no: Box<Node>,
    },
}

/// What one character is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum One {
    /// Any character.
    Any,
    /// Any but a new line.
    NoNewLine,
    /// A character, as the key of the fold.
    Literal(char, Fold),
    /// A set of keys of the fold.
    Set(Box<CharSet>, Fold),
}

/// Which number of repeats is tried first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Greedy,
    Lazy,
    /// The most, and no other.
    Possessive,
}

/// A place that takes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    TextStart,
    LineStart,
    TextEnd,
    /// The end, or before a new line that ends the text.
    LastLineEnd,
    LineEnd,
    WordBoundary {
        ascii: bool,
    },
    NoWordBoundary {
        ascii: bool,
    },
}
