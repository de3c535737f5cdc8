//! Sets of characters.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

use super::case::Fold;

/// The highest character there is.
const LAST: u32 = char::MAX as u32;

/// A set of characters, as sorted ranges with both ends included and a bit for each of ASCII.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct CharSet {
    ascii: u128,
    ranges: Box<[(u32, u32)]>,
}

impl CharSet {
    pub(super) fn contains(&self, character: char) -> bool {
        if character.is_ascii() {
            return self.ascii & (1 << u32::from(character)) != 0;
        }
        is_in(&self.ranges, character)
    }
}

/// A set being gathered.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathering(Vec<(u32, u32)>);

impl Gathering {
    pub(super) fn add(&mut self, low: char, high: char) {
        self.0.push((low.into(), high.into()));
    }

    /// Adds what a shorthand class stands for: `d`, `s` or `w`, or the complement in upper case.
    pub(super) fn add_shorthand(&mut self, shorthand: char, ascii: bool) {
        let ranges: &[(u32, u32)] = match (shorthand.to_ascii_lowercase(), ascii) {
            ('d', false) => &DIGITS,
            ('d', true) => &[(0x30, 0x39)],
            ('s', false) => &SPACES,
            ('s', true) => &[(0x09, 0x0d), (0x20, 0x20)],
            (_, false) => &WORDS,
            (_, true) => &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)],
        };
        if shorthand.is_ascii_uppercase() {
            self.0.extend(complement(ranges));
        } else {
            self.0.extend(ranges);
        }
    }

    /// The set, or its complement, of the keys of `fold`.
    pub(super) fn finish(self, fold: Fold, is_complement: bool) -> CharSet {
        let mut ranges = merged(self.0);
        let keys: Vec<(u32, u32)> = fold
            .cased()
            .iter()
            .filter(|(character, _)| is_in(&ranges, *character))
            .map(|(_, key)| (u32::from(*key), u32::from(*key)))
            .collect();
        if !keys.is_empty() {
            ranges.extend(keys);
            ranges = merged(ranges);
        }
        if is_complement {
            ranges = complement(&ranges);
        }
        CharSet {
            ascii: (0..128)
                .filter(|character: &u8| is_in(&ranges, char::from(*character)))
                .fold(0, |bits, character| bits | 1 << character),
            ranges: ranges.into(),
        }
    }
}

/// Decimal digits of all scripts.
static DIGITS: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| category(r"\p{Nd}"));

/// White space, to which the reference counts the four ASCII separators.
static SPACES: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let mut spaces = vec![(0x1c, 0x1f)];
    spaces.extend(
        ('\0'..='\u{ffff}')
            .filter(|character| character.is_whitespace())
            .map(|character| (character.into(), character.into())),
    );
    merged(spaces)
});

/// Letters and numbers of all kinds and the low line, but no combining marks.
static WORDS: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| category(r"[\p{L}\p{N}_]"));

/// Whether a character is part of a word.
pub(super) fn is_word(character: char, ascii: bool) -> bool {
    if character.is_ascii() || ascii {
        return character == '_' || character.is_ascii_alphanumeric();
    }
    is_in(&WORDS, character)
}

/// Whether one of these sorted ranges holds a character.
fn is_in(ranges: &[(u32, u32)], character: char) -> bool {
    let character = u32::from(character);
    let after = ranges.partition_point(|(low, _)| *low <= character);
    after > 0 && character <= ranges[after - 1].1
}

/// The characters of a class by general category.
fn category(class: &str) -> Vec<(u32, u32)> {
    match regex_syntax::parse(class).map(regex_syntax::hir::Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => class
            .ranges()
            .iter()
            .map(|range| (range.start().into(), range.end().into()))
            .collect(),
        // The tests of shorthand classes would fail.
        _ => Vec::new(),
    }
}

/// Sorted, without overlaps.
fn merged(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (low, high) in ranges {
        match merged.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    merged
}

/// What sorted ranges leave out.
fn complement(ranges: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let mut gaps = Vec::with_capacity(ranges.len() + 1);
    let mut from = 0;
    for (low, high) in ranges {
        if from < *low {
            gaps.push((from, low - 1));
        }
        from = high + 1;
    }
    if from <= LAST {
        gaps.push((from, LAST));
    }
    gaps
}
