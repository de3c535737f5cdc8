//! REGEX: patterns in the dialect of the reference engine's language.
//!
//! A pattern is translated once into the dialect of our engine and compiled within limits. Most patterns run in linear
//! time; those with look-around or back-references run on a backtracker with a bounded number of steps.

mod class;
mod escape;
mod flags;
mod reader;
mod translate;
mod width;

use fancy_regex::{Regex, RegexBuilder};
use translate::Repeats;

/// The most steps the backtracker may take for one value; beyond, the condition is false. About a millisecond.
const MAX_BACKTRACKS: usize = 100_000;

/// The most memory, in bytes, that the compiled form of one part of a pattern may take. A pattern beyond it is compiled
/// again with its counted repeats on the backtracker; where that does not help either, the condition is false.
const MAX_COMPILED_BYTES: usize = 2 << 20;

/// The most instructions of the backtracker's program.
const MAX_INSTRUCTIONS: usize = 20_000;

/// A compiled pattern, anchored at the start of the text but not at its end.
#[derive(Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// `None`: not a pattern, or beyond the limits.
    pub(crate) fn compile(pattern: &str) -> Option<Self> {
        [Repeats::Unrolled, Repeats::Counted]
            .into_iter()
            .find_map(|repeats| build(&translate::translate(pattern, repeats).ok()?))
            .map(Self)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        // An error is the backtracker's limit.
        self.0.is_match(text).unwrap_or(false)
    }
}

fn build(translated: &str) -> Option<Regex> {
    RegexBuilder::new(translated)
        .backtrack_limit(MAX_BACKTRACKS)
        .delegate_size_limit(MAX_COMPILED_BYTES)
        .max_prog_size(MAX_INSTRUCTIONS)
        .build()
        .ok()
}

/// The pattern is not one of the dialect, or beyond what can be translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BadPattern;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
