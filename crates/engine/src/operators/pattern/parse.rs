//! Reading the reference's dialect (Python's `re`).
//!
//! What the reference refuses is refused, so that a pattern which is bad there is bad here.

use std::collections::HashMap;

use super::case::Fold;
use super::escape::{ClassMember, Escape};
use super::flags::{Flags, Scope};
use super::reader::Reader;
use super::set::Gathering;
use super::syntax::{Mode, Node, One, Position};
use super::width::Width;
use super::{BadPattern, class};

/// The deepest nesting of groups.
const MAX_NESTING: usize = 100;

/// Reads a pattern. Also tells how many groups it has.
pub(super) fn parse(pattern: &str) -> Result<(Node, usize), BadPattern> {
    let mut parser = Parser {
        reader: Reader::new(pattern),
        groups: Vec::new(),
        names: HashMap::new(),
        tested_groups: Vec::new(),
        groups_before_look: None,
    };
    let body = parser.alternation(&mut Flags::default(), 0)?;
    let is_complete = parser.reader.peek().is_none();
    let groups_exist = parser
        .tested_groups
        .iter()
        .all(|group| *group <= parser.groups.len());
    if !is_complete || !groups_exist {
        return Err(BadPattern);
    }
    Ok((body.node, parser.groups.len()))
}

/// A part of the pattern that was read.
struct Piece {
    node: Node,
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

struct Parser<'p> {
    reader: Reader<'p>,
    /// Widths of the capturing groups so far, from number 1; `None` while a group is open.
    groups: Vec<Option<Width>>,
    names: HashMap<&'p str, usize>,
    /// Groups that a conditional asks for; they may be defined later.
    tested_groups: Vec<usize>,
    /// How many groups there were before the look to what stands before; inside, no others can be referred to.
    groups_before_look: Option<usize>,
}

impl<'p> Parser<'p> {
    /// Branches up to the end or a closing parenthesis. At the outermost level, `flags` takes up the pattern's own.
    fn alternation(&mut self, flags: &mut Flags, depth: usize) -> Result<Piece, BadPattern> {
        if depth > MAX_NESTING {
            return Err(BadPattern);
        }
        let first = self.branch(flags, depth, depth == 0)?;
        if self.reader.peek() != Some('|') {
            return Ok(first);
        }
        let mut width = first.width;
        let mut branches = vec![first.node];
        while self.reader.eat('|') {
            let next = self.branch(flags, depth, false)?;
            width = width.or(next.width);
            branches.push(next.node);
        }
        Ok(Piece {
            node: Node::Alternate(branches),
            width,
            kind: Kind::Atom,
        })
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
                _ => Some(self.atom(character, *flags)?),
            });
        }
        Ok(Piece {
            width: pieces
                .iter()
                .fold(Width::ZERO, |width, piece| width.then(piece.width)),
            node: Node::Concat(pieces.into_iter().map(|piece| piece.node).collect()),
            kind: Kind::Atom,
        })
    }

    fn atom(&mut self, character: char, flags: Flags) -> Result<Piece, BadPattern> {
        let ascii = flags.ascii;
        Ok(match character {
            '.' => one(if flags.dot_all { One::Any } else { One::NoNewLine }),
            '[' => one(One::Set(
                Box::new(class::read(&mut self.reader, flags)?),
                flags.fold(),
            )),
            '^' if flags.multi_line => position(Position::LineStart),
            '^' => position(Position::TextStart),
            '$' if flags.multi_line => position(Position::LineEnd),
            '$' => position(Position::LastLineEnd),
            '\\' => match Escape::read(&mut self.reader)? {
                Escape::Member(ClassMember::Literal(literal)) => literal_piece(literal, flags),
                Escape::Member(ClassMember::Shorthand(shorthand)) => {
                    let mut set = Gathering::default();
                    set.add_shorthand(shorthand, ascii);
                    one(One::Set(Box::new(set.finish(Fold::Exact, false)), Fold::Exact))
                }
                Escape::Position('A') => position(Position::TextStart),
                Escape::Position('Z') => position(Position::TextEnd),
                Escape::Position('b') => position(Position::WordBoundary { ascii }),
                Escape::Position(_) => position(Position::NoWordBoundary { ascii }),
                Escape::Group(group) => self.back_reference(group, flags)?,
            },
            _ => literal_piece(character, flags),
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
        let mode = match self.reader.peek() {
            Some('?') => Mode::Lazy,
            Some('+') => Mode::Possessive,
            _ => Mode::Greedy,
        };
        if mode != Mode::Greedy {
            self.reader.next()?;
        }
        Ok(Piece {
            node: Node::Repeat {
                is_nullable: piece.width.can_be_zero(),
                body: Box::new(piece.node),
                least,
                most,
                mode,
            },
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
                    self.back_reference(group, *flags).map(Some)
                }
                _ => Err(BadPattern),
            },
            ':' => self.enclosed(*flags, depth).map(Some),
            '>' => self.enclosed(*flags, depth).map(atomic).map(Some),
            '#' => self.reader.until(')').map(|_| None),
            '=' => self
                .enclosed(*flags, depth)
                .map(|body| look(body, 0, false))
                .map(Some),
            '!' => self
                .enclosed(*flags, depth)
                .map(|body| look(body, 0, true))
                .map(Some),
            '<' => {
                let is_negative = match self.reader.next()? {
                    '=' => false,
                    '!' => true,
                    _ => return Err(BadPattern),
                };
                let is_outermost = self.groups_before_look.is_none();
                self.groups_before_look.get_or_insert(self.groups.len());
                let body = self.enclosed(*flags, depth)?;
                if is_outermost {
                    self.groups_before_look = None;
                }
                let behind = body.width.fixed().ok_or(BadPattern)?;
                Ok(Some(look(body, behind, is_negative)))
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
                    Scope::Group => self.enclosed(inner, depth).map(Some),
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
        let piece = self.enclosed(flags, depth)?;
        self.groups[number - 1] = Some(piece.width);
        Ok(Piece {
            node: Node::Capture(number, Box::new(piece.node)),
            ..piece
        })
    }

    fn enclosed(&mut self, mut flags: Flags, depth: usize) -> Result<Piece, BadPattern> {
        let body = self.alternation(&mut flags, depth)?;
        self.reader.expect(')')?;
        Ok(Piece {
            kind: Kind::Atom,
            ..body
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
        if self.groups_before_look.is_some() {
            self.complete_group(group)?;
        }
        self.tested_groups.push(group);
        let yes = self.branch(&mut flags, depth, false)?;
        let (no, no_width) = if self.reader.eat('|') {
            let no = self.branch(&mut flags, depth, false)?;
            (no.node, no.width)
        } else {
            (Node::Concat(Vec::new()), Width::ZERO)
        };
        self.reader.expect(')')?;
        Ok(Piece {
            node: Node::Conditional {
                group,
                yes: Box::new(yes.node),
                no: Box::new(no),
            },
            width: yes.width.or(no_width),
            kind: Kind::Atom,
        })
    }

    /// A reference to a group that is complete.
    fn back_reference(&self, group: usize, flags: Flags) -> Result<Piece, BadPattern> {
        Ok(Piece {
            node: Node::Reference(group, flags.fold()),
            width: self.complete_group(group)?,
            kind: Kind::Atom,
        })
    }

    /// The width of a group that can be referred to here.
    fn complete_group(&self, group: usize) -> Result<Width, BadPattern> {
        if self.groups_before_look.is_some_and(|groups| group > groups) {
            return Err(BadPattern);
        }
        group
            .checked_sub(1)
            .and_then(|at| self.groups.get(at))
            .and_then(|width| *width)
            .ok_or(BadPattern)
    }
}

fn one(one: One) -> Piece {
    Piece {
        node: Node::One(one),
        width: Width::ONE,
        kind: Kind::Atom,
    }
}

fn literal_piece(literal: char, flags: Flags) -> Piece {
    let fold = flags.fold();
    one(One::Literal(fold.key(literal), fold))
}

fn position(position: Position) -> Piece {
    Piece {
        node: Node::Position(position),
        width: Width::ZERO,
        kind: Kind::Position,
    }
}

fn atomic(body: Piece) -> Piece {
    Piece {
        node: Node::Atomic(Box::new(body.node)),
        ..body
    }
}

fn look(body: Piece, behind: u64, is_negative: bool) -> Piece {
    Piece {
        node: Node::Look {
            body: Box::new(body.node),
            behind,
            is_negative,
        },
        width: Width::ZERO,
        kind: Kind::Atom,
    }
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters
        .next()
        .is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|next| next == '_' || next.is_alphanumeric())
}
