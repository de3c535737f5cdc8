//! From the reference's dialect (Python's `re`) to ours.
//!
//! What differs is rewritten: `$` also matches before a final new line, `\Z` is the very end, groups are referred to by
//! number, `\w` and `\s` are the reference's sets, flags are spelled out, verbose white space is dropped, possessive
//! repeats become atomic groups, `{` may stand for itself. What the reference refuses is refused, so that a pattern
//! which is bad there is bad here.
//!
//! What stays different: `\b` takes a combining mark for part of a word and a superscript digit for none, and `\B` matches
//! in an empty text.

use std::collections::HashMap;

use super::escape::{ClassMember, Escape, quote, shorthand_body};
use super::flags::{Flags, Scope};
use super::reader::Reader;
use super::width::Width;
use super::{BadPattern, class};

/// The deepest nesting of groups.
const MAX_NESTING: usize = 100;

/// `\b` where words are ASCII.
const ASCII_BOUNDARY: &str = "(?:(?<=[a-zA-Z0-9_])(?![a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?=[a-zA-Z0-9_]))";

/// `\B` where words are ASCII.
const ASCII_NO_BOUNDARY: &str = "(?:(?<=[a-zA-Z0-9_])(?=[a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?![a-zA-Z0-9_]))";

/// How repeats such as `{1,255}` are carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeats {
    /// As copies of what is repeated: linear time, and memory in proportion.
    Unrolled,
    /// By a counter of the backtracker: hardly any memory.
    Counted,
}

/// Translates a pattern, anchored at the start of the text.
pub(super) fn translate(pattern: &str, repeats: Repeats) -> Result<String, BadPattern> {
    let mut translator = Translator {
        reader: Reader::new(pattern),
        repeats,
        groups: Vec::new(),
        names: HashMap::new(),
        tested_groups: Vec::new(),
    };
    let mut flags = Flags::default();
    let body = translator.alternation(&mut flags, 0)?;
    let is_complete = translator.reader.peek().is_none();
    let groups_exist = translator
        .tested_groups
        .iter()
        .all(|group| *group <= translator.groups.len());
    if !is_complete || !groups_exist {
        return Err(BadPattern);
    }
    let flags = if flags.ignore_case { "i" } else { "" };
    Ok(format!(r"\A(?{flags}:{})", body.text))
}

/// A translated part of the pattern.
struct Piece {
    text: String,
    width: Width,
    kind: Kind,
}

/// What a quantifier behind the piece would mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Can be repeated.
    Atom,
    /// A position: nothing to repeat.
    Position,
    /// Repeated already.
    Repeat,
}

struct Translator<'p> {
    reader: Reader<'p>,
    repeats: Repeats,
    /// Widths of the capturing groups so far, from number 1; `None` while a group is open.
    groups: Vec<Option<Width>>,
    names: HashMap<&'p str, usize>,
    /// Groups that a conditional asks for; they may be defined later.
    tested_groups: Vec<usize>,
}

impl<'p> Translator<'p> {
    /// Branches up to the end or a closing parenthesis. At the outermost level, `flags` takes up the pattern's own.
    fn alternation(&mut self, flags: &mut Flags, depth: usize) -> Result<Piece, BadPattern> {
        if depth > MAX_NESTING {
            return Err(BadPattern);
        }
        let mut all = self.branch(flags, depth, depth == 0)?;
        while self.reader.eat('|') {
            let next = self.branch(flags, depth, false)?;
            all.text = format!("{}|{}", all.text, next.text);
            all.width = all.width.or(next.width);
        }
        Ok(all)
    }

    fn branch(&mut self, flags: &mut Flags, depth: usize, is_first: bool) -> Result<Piece, BadPattern> {
        let mut pieces: Vec<Piece> = Vec::new();
        while let Some(character) = self.reader.peek() {
            if matches!(character, '|' | ')') {
                break;
            }
            self.reader.next()?;
            if flags.verbose && matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') {
                continue;
            }
            if flags.verbose && character == '#' {
                self.reader.skip_line();
                continue;
            }
            if let Some((least, most)) = self.quantifier(character)? {
                let piece = pieces.pop().ok_or(BadPattern)?;
                pieces.push(self.repeat(piece, least, most)?);
                continue;
            }
            let may_set_flags = is_first && pieces.is_empty();
            pieces.extend(match character {
                '(' => self.group(flags, depth + 1, may_set_flags)?,
                _ => Some(self.atom(character, *flags, depth)?),
            });
        }
        Ok(Piece {
            width: pieces
                .iter()
                .fold(Width::ZERO, |width, piece| width.then(piece.width)),
            text: pieces.into_iter().map(|piece| piece.text).collect(),
            kind: Kind::Atom,
        })
    }

    fn atom(&mut self, character: char, flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        Ok(match character {
            '.' => one(if flags.dot_all { "(?s:.)" } else { "." }),
            '[' => one(class::translate(&mut self.reader, flags)?),
            '^' => position(if flags.multi_line { "(?m:^)" } else { r"\A" }),
            '$' if flags.multi_line => position("(?m:$)"),
            // Nothing follows, so taking the new line is as good as looking at it, and needs no backtracking.
            '$' if depth == 0 && matches!(self.reader.peek(), None | Some('|')) => position(r"\n?\z"),
            '$' => position(r"(?=\n?\z)"),
            '\\' => match Escape::read(&mut self.reader)? {
                Escape::Member(ClassMember::Literal(literal)) => one(quote(literal)),
                Escape::Member(ClassMember::Shorthand(shorthand)) => {
                    let complement = if shorthand.is_ascii_uppercase() { "^" } else { "" };
                    one(format!("[{complement}{}]", shorthand_body(shorthand, flags)))
                }
                Escape::Position('A') => position(r"\A"),
                Escape::Position('Z') => position(r"\z"),
                Escape::Position('b') if flags.ascii => position(ASCII_BOUNDARY),
                Escape::Position('b') => position(r"\b"),
                Escape::Position(_) if flags.ascii => position(ASCII_NO_BOUNDARY),
                Escape::Position(_) => position(r"\B"),
                Escape::Group(group) => self.back_reference(group)?,
            },
            _ => one(quote(character)),
        })
    }

    /// A quantifier that starts with this character, as the least and most repeats. A brace that starts none is text.
    fn quantifier(&mut self, first: char) -> Result<Option<(u32, Option<u32>)>, BadPattern> {
        let before = self.reader.clone();
        match first {
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            '?' => return Ok(Some((0, Some(1)))),
            '{' if self.reader.peek() != Some('}') => {}
            _ => return Ok(None),
        }
        let digit = |character: char| character.is_ascii_digit();
        let least = self.reader.take_while(usize::MAX, digit);
        let most = if self.reader.eat(',') {
            self.reader.take_while(usize::MAX, digit)
        } else {
            least
        };
        if !self.reader.eat('}') {
            self.reader = before;
            return Ok(None);
        }
        let count = |digits: &str| digits.parse::<u32>().map_err(|_| BadPattern);
        let least = if least.is_empty() { 0 } else { count(least)? };
        let most = if most.is_empty() { None } else { Some(count(most)?) };
        if most.is_some_and(|most| most < least) {
            return Err(BadPattern);
        }
        Ok(Some((least, most)))
    }

    fn repeat(&mut self, piece: Piece, least: u32, most: Option<u32>) -> Result<Piece, BadPattern> {
        if matches!(piece.kind, Kind::Position | Kind::Repeat) {
            return Err(BadPattern);
        }
        let is_lazy = self.reader.eat('?');
        let is_possessive = !is_lazy && self.reader.eat('+');
        let text = if piece.width.is_zero() {
            // Repeating what takes nothing is the same as trying it once, which our engine insists on.
            match (least, most, is_lazy) {
                (_, Some(0), _) => "(?:)".to_owned(),
                (0, _, false) => format!("(?:{}|)", piece.text),
                (0, _, true) => format!("(?:|{})", piece.text),
                _ => piece.text,
            }
        } else {
            let laziness = if is_lazy { "?" } else { "" };
            let quantifier = quantifier_text(least, most);
            let is_counted = least > 1 || most.is_some_and(|most| most > 1);
            if self.repeats == Repeats::Counted && is_counted {
                // Looking at nothing is what sends a repeat to the backtracker.
                format!("(?:{}(?=)){quantifier}{laziness}", piece.text)
            } else {
                format!("{}{quantifier}{laziness}", piece.text)
            }
        };
        let text = if is_possessive {
            format!("(?>{text})")
        } else {
            text
        };
        Ok(Piece {
            text,
            width: piece.width.times(least, most),
            kind: Kind::Repeat,
        })
    }

    /// What stands behind an opening parenthesis. `None`: a comment, or flags of the whole pattern.
    fn group(
        &mut self,
        flags: &mut Flags,
        depth: usize,
        may_set_flags: bool,
    ) -> Result<Option<Piece>, BadPattern> {
        if !self.reader.eat('?') {
            return self.capture(None, *flags, depth).map(Some);
        }
        match self.reader.next()? {
            'P' => match self.reader.next()? {
                '<' => {
                    let name = self.reader.until('>')?;
                    self.capture(Some(name), *flags, depth).map(Some)
                }
                '=' => {
                    let name = self.reader.until(')')?;
                    let group = *self.names.get(name).ok_or(BadPattern)?;
                    self.back_reference(group).map(Some)
                }
                _ => Err(BadPattern),
            },
            ':' => self.enclosed("(?:", *flags, depth).map(Some),
            '>' => self.enclosed("(?>", *flags, depth).map(Some),
            '#' => self.reader.until(')').map(|_| None),
            '=' => self.look("(?=", *flags, depth).map(Some),
            '!' => self.look("(?!", *flags, depth).map(Some),
            '<' => {
                let opening = match self.reader.next()? {
                    '=' => "(?<=",
                    '!' => "(?<!",
                    _ => return Err(BadPattern),
                };
                let piece = self.enclosed(opening, *flags, depth)?;
                if !piece.width.is_fixed() {
                    return Err(BadPattern);
                }
                Ok(Some(Piece {
                    width: Width::ZERO,
                    ..piece
                }))
            }
            '(' => self.conditional(*flags, depth).map(Some),
            first => {
                let mut inner = *flags;
                match inner.read(&mut self.reader, first)? {
                    Scope::Pattern if may_set_flags => {
                        *flags = inner;
                        Ok(None)
                    }
                    Scope::Pattern => Err(BadPattern),
                    Scope::Group => {
                        let opening = match (flags.ignore_case, inner.ignore_case) {
                            (false, true) => "(?i:",
                            (true, false) => "(?-i:",
                            _ => "(?:",
                        };
                        self.enclosed(opening, inner, depth).map(Some)
                    }
                }
            }
        }
    }

    fn capture(&mut self, name: Option<&'p str>, flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        self.groups.push(None);
        let number = self.groups.len();
        if let Some(name) = name
            && (!is_identifier(name) || self.names.insert(name, number).is_some())
        {
            return Err(BadPattern);
        }
        let piece = self.enclosed("(", flags, depth)?;
        self.groups[number - 1] = Some(piece.width);
        Ok(piece)
    }

    fn enclosed(&mut self, opening: &str, mut flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        let body = self.alternation(&mut flags, depth)?;
        self.reader.expect(')')?;
        Ok(Piece {
            text: format!("{opening}{})", body.text),
            width: body.width,
            kind: Kind::Atom,
        })
    }

    fn look(&mut self, opening: &str, flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        let piece = self.enclosed(opening, flags, depth)?;
        Ok(Piece {
            width: Width::ZERO,
            ..piece
        })
    }

    /// `(?(group)yes|no)`, whose opening has been read.
    fn conditional(&mut self, mut flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        let condition = self.reader.until(')')?;
        let group = match self.names.get(condition) {
            Some(group) => *group,
            None if condition.bytes().all(|byte| byte.is_ascii_digit()) => {
                condition.parse().map_err(|_| BadPattern)?
            }
            None => return Err(BadPattern),
        };
        if group == 0 || depth > MAX_NESTING {
            return Err(BadPattern);
        }
        self.tested_groups.push(group);
        let yes = self.branch(&mut flags, depth, false)?;
        let no = if self.reader.eat('|') {
            Some(self.branch(&mut flags, depth, false)?)
        } else {
            None
        };
        self.reader.expect(')')?;
        let (no_text, no_width) = no.map_or((String::new(), Width::ZERO), |no| (no.text, no.width));
        Ok(Piece {
            text: format!("(?({group})(?:{})|(?:{no_text}))", yes.text),
            width: yes.width.or(no_width),
            kind: Kind::Atom,
        })
    }

    /// A reference to a group that is complete.
    fn back_reference(&self, group: usize) -> Result<Piece, BadPattern> {
        let width = group
            .checked_sub(1)
            .and_then(|at| self.groups.get(at))
            .and_then(|width| *width)
            .ok_or(BadPattern)?;
        Ok(Piece {
            text: format!(r"(?:\{group})"),
            width,
            kind: Kind::Atom,
        })
    }
}

fn quantifier_text(least: u32, most: Option<u32>) -> String {
    match (least, most) {
        (0, None) => "*".to_owned(),
        (1, None) => "+".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (least, None) => format!("{{{least},}}"),
        (least, Some(most)) => format!("{{{least},{most}}}"),
    }
}

fn one(text: impl Into<String>) -> Piece {
    Piece {
        text: text.into(),
        width: Width::ONE,
        kind: Kind::Atom,
    }
}

fn position(text: &str) -> Piece {
    Piece {
        text: text.to_owned(),
        width: Width::ZERO,
        kind: Kind::Position,
    }
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric())
}
