//! The flags of a pattern or group.

use super::BadPattern;
use super::case::Fold;
use super::reader::Reader;

/// Which flags are on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags {
    /// `i`.
    pub(super) ignore_case: bool,
    /// `m`: `^` and `$` also match at lines.
    pub(super) multi_line: bool,
    /// `s`: `.` also matches a new line.
    pub(super) dot_all: bool,
    /// `x`: white space and comments are skipped.
    pub(super) verbose: bool,
    /// `a`: the shorthand classes are ASCII.
    pub(super) ascii: bool,
}

/// How far flags reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// `(?i)`, the whole pattern; the reader is behind the parenthesis.
    Pattern,
    /// `(?i:…)`, one group; the reader is behind the colon.
    Group,
}

impl Flags {
    /// How letters compare under these flags.
    pub(super) fn fold(self) -> Fold {
        match (self.ignore_case, self.ascii) {
            (false, _) => Fold::Exact,
            (true, true) => Fold::Ascii,
            (true, false) => Fold::Unicode,
        }
    }

    /// Reads flags whose first character has been read, and sets them.
    pub(super) fn read(&mut self, reader: &mut Reader<'_>, first: char) -> Result<Scope, BadPattern> {
        let mut character = first;
        let mut added = Vec::new();
        if matches!(first, ')' | ':') {
            return Err(BadPattern);
        }
        while !matches!(character, ')' | '-' | ':') {
            added.push(character);
            self.set(character, true)?;
            character = reader.next()?;
        }
        if added.contains(&'a') && added.contains(&'u') {
            return Err(BadPattern);
        }
        match character {
            ')' => Ok(Scope::Pattern),
            ':' => Ok(Scope::Group),
            _ => {
                character = reader.next()?;
                loop {
                    if matches!(character, 'a' | 'u') || added.contains(&character) {
                        return Err(BadPattern);
                    }
                    self.set(character, false)?;
                    character = reader.next()?;
                    if character == ':' {
                        return Ok(Scope::Group);
                    }
                }
            }
        }
    }

    fn set(&mut self, flag: char, on: bool) -> Result<(), BadPattern> {
        match flag {
            'i' => self.ignore_case = on,
            'm' => self.multi_line = on,
            's' => self.dot_all = on,
            'x' => self.verbose = on,
            'a' => self.ascii = on,
            'u' => self.ascii = !on,
            // `L` is for byte patterns only.
            _ => return Err(BadPattern),
        }
        Ok(())
    }
}
