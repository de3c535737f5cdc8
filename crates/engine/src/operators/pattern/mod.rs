//! REGEX: patterns in the dialect of the reference engine's language, with a bound on time that does not depend on the
//! machine.
//!
//! A pattern is read once and compiled to a program of single steps. A run takes at most [`MAX_STEPS`] of them: about half a
//! millisecond at the most, whatever the pattern and the text. Patterns without references and counted groups run in
//! linear time, so that the limit is met by patterns that are large for a long text, or hostile.

mod case;
mod class;
mod compile;
mod escape;
mod flags;
mod history;
mod machine;
mod parse;
mod program;
mod reader;
mod runs;
mod set;
mod syntax;
mod width;

use compile::MaxCopies;
use program::Program;

/// The most steps for one value; beyond, the condition is false.
const MAX_STEPS: usize = 50_000;

/// The steps before a run starts to keep where it has been. Most runs never do.
const STEPS_WITHOUT_HISTORY: usize = 500;

/// The most instructions that a repeat such as `{1,255}` of more than a character is copied to. Copies run in linear
/// time, a counter does not.
const MAX_COPIES: MaxCopies = MaxCopies(500);

/// A compiled pattern, anchored at the start of the text but not at its end.
#[derive(Debug)]
pub(crate) struct Pattern(Program);

impl Pattern {
    /// `None`: not a pattern, or beyond the limits.
    pub(crate) fn compile(pattern: &str) -> Option<Self> {
        let (pattern, groups) = parse::parse(pattern).ok()?;
        [MAX_COPIES, MaxCopies(0)]
            .into_iter()
            .find_map(|copies| compile::compile(&pattern, groups, copies).ok())
            .map(Self)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        machine::is_match(&self.0, text, STEPS_WITHOUT_HISTORY).unwrap_or(false)
    }
}

/// The pattern is not one of the dialect, or nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct BadPattern;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
