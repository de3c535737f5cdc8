//! Escapes, outside and inside a character class.

use super::BadPattern;
use super::reader::Reader;

/// What stands behind a backslash outside a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// What may also stand in a class.
    Member(ClassMember),
    /// A position: `A`, `Z`, `b` or `B`.
    Position(char),
    /// A group by number.
    Group(usize),
}

/// A character or a set of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClassMember {
    /// A character.
    Literal(char),
    /// A shorthand class, `d`, `s` or `w`, or the complement in upper case.
    Shorthand(char),
}

impl Escape {
    /// Reads what follows a backslash outside a class.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, BadPattern> {
        let character = reader.next()?;
        match character {
            'A' | 'Z' | 'b' | 'B' => Ok(Self::Position(character)),
            '0' => octal(reader.take_while(2, is_octal)).map(Self::literal),
            '1'..='9' => number(reader, character),
            _ => shared(reader, character).map(Self::Member),
        }
    }

    fn literal(character: char) -> Self {
        Self::Member(ClassMember::Literal(character))
    }
}

impl ClassMember {
    /// Reads what follows a backslash inside a class, where `\b` is a backspace and numbers are octal.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, BadPattern> {
        let character = reader.next()?;
        match character {
            'b' => Ok(Self::Literal('\x08')),
            '0'..='7' => {
                let more = reader.take_while(2, is_octal);
                octal(&format!("{character}{more}")).map(Self::Literal)
            }
            _ => shared(reader, character),
        }
    }
}

fn shared(reader: &mut Reader<'_>, character: char) -> Result<ClassMember, BadPattern> {
    let literal = match character {
        'd' | 'D' | 's' | 'S' | 'w' | 'W' => return Ok(ClassMember::Shorthand(character)),
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => code_point(reader, 2)?,
        'u' => code_point(reader, 4)?,
        'U' => code_point(reader, 8)?,
        _ if character.is_ascii_alphanumeric() => return Err(BadPattern),
        _ => character,
    };
    Ok(ClassMember::Literal(literal))
}

/// Three octal digits are a character, anything else the number of a group.
fn number(reader: &mut Reader<'_>, first: char) -> Result<Escape, BadPattern> {
    let mut digits = first.to_string();
    digits.push_str(reader.take_while(1, |next| next.is_ascii_digit()));
    if digits.len() == 2 && digits.chars().all(is_octal) {
        let third = reader.take_while(1, is_octal);
        if !third.is_empty() {
            digits.push_str(third);
            return octal(&digits).map(Escape::literal);
        }
    }
    digits.parse().map(Escape::Group).map_err(|_| BadPattern)
}

fn is_octal(character: char) -> bool {
    character.is_digit(8)
}

fn octal(digits: &str) -> Result<char, BadPattern> {
    if digits.is_empty() {
        return Ok('\0');
    }
    u8::from_str_radix(digits, 8)
        .map(char::from)
        .map_err(|_| BadPattern)
}

/// Reads exactly this many hexadecimal digits. A surrogate is no character and no text contains it.
fn code_point(reader: &mut Reader<'_>, digits: usize) -> Result<char, BadPattern> {
    let text = reader.take_while(digits, |character| character.is_ascii_hexdigit());
    if text.len() != digits {
        return Err(BadPattern);
    }
    u32::from_str_radix(text, 16)
        .ok()
        .and_then(char::from_u32)
        .ok_or(BadPattern)
}
