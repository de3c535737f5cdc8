//! Reading a pattern character by character.

use super::BadPattern;

/// A position in a pattern.
#[derive(Clone, Debug)]
pub(super) struct Reader<'p> {
    rest: &'p str,
}

impl<'p> Reader<'p> {
    pub(super) fn new(pattern: &'p str) -> Self {
        Self { rest: pattern }
    }

    /// The next character, not taken.
    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Takes the next character, or fails at the end.
    pub(super) fn next(&mut self) -> Result<char, BadPattern> {
        let next = self.peek().ok_or(BadPattern)?;
        self.rest = &self.rest[next.len_utf8()..];
        Ok(next)
    }

    /// Takes the next character if it is this one.
    pub(super) fn eat(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes this character, or fails.
    pub(super) fn expect(&mut self, wanted: char) -> Result<(), BadPattern> {
        if self.eat(wanted) { Ok(()) } else { Err(BadPattern) }
    }

    /// Takes everything up to a character, and the character.
    pub(super) fn until(&mut self, end: char) -> Result<&'p str, BadPattern> {
        let (taken, rest) = self.rest.split_once(end).ok_or(BadPattern)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Takes at most `limit` characters while they fit.
    pub(super) fn take_while(&mut self, limit: usize, fits: impl Fn(char) -> bool) -> &'p str {
        let end = self
            .rest
            .char_indices()
            .enumerate()
            .find(|(count, (_, character))| *count == limit || !fits(*character))
            .map_or(self.rest.len(), |(_, (at, _))| at);
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Skips a comment of verbose mode, to the end of the line.
    pub(super) fn skip_line(&mut self) {
        self.take_while(usize::MAX, |character| character != '\n');
        self.eat('\n');
    }
}
