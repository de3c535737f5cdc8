//! Letter case, as the reference compares it: by the simple lower-case letter, and those that share its upper case.

use std::sync::LazyLock;

/// How letters that differ in case compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    /// They differ.
    Exact,
    /// Those of ASCII are the same.
    Ascii,
    /// They are the same.
    Unicode,
}

impl Fold {
    /// What stands for a character and all that are the same to it.
    pub(super) fn key(self, character: char) -> char {
        match self {
            Self::Exact => character,
            Self::Ascii => character.to_ascii_uppercase(),
            Self::Unicode if character.is_ascii() => character.to_ascii_uppercase(),
            Self::Unicode => unicode_key(character),
        }
    }

    /// The characters whose key is another, with it.
    pub(super) fn cased(self) -> &'static [(char, char)] {
        match self {
            Self::Exact => &[],
            Self::Ascii => &ASCII_CASED,
            Self::Unicode => &CASED,
        }
    }
}

/// Beyond this there are no letters with a case.
const LAST_CASED: char = '\u{1ffff}';

static CASED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| cased(Fold::Unicode, LAST_CASED));

static ASCII_CASED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| cased(Fold::Ascii, '\x7f'));

fn cased(fold: Fold, last: char) -> Vec<(char, char)> {
    ('\0'..=last)
        .map(|character| (character, fold.key(character)))
        .filter(|(character, key)| character != key)
        .collect()
}

fn unicode_key(character: char) -> char {
    let lower = character.to_lowercase().next().unwrap_or(character);
    match lower {
        // Their upper case is more than one character, and yet the same.
        '\u{1fd3}' => '\u{390}',
        '\u{1fe3}' => '\u{3b0}',
        '\u{fb06}' => '\u{fb05}',
        _ => {
            let mut upper = lower.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(upper), None) => upper,
                _ => lower,
            }
        }
    }
}
