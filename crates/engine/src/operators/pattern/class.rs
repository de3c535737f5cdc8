//! Character classes in brackets.

use super::BadPattern;
use super::escape::ClassMember;
use super::flags::Flags;
use super::reader::Reader;
use super::set::{CharSet, Gathering};

/// Reads a class whose opening bracket has been read.
pub(super) fn read(reader: &mut Reader<'_>, flags: Flags) -> Result<CharSet, BadPattern> {
    let is_complement = reader.eat('^');
    let mut set = Gathering::default();
    let mut is_empty = true;
    loop {
        let character = reader.next()?;
        if character == ']' && !is_empty {
            break;
        }
        is_empty = false;
        let low = member(reader, character)?;
        if !reader.eat('-') {
            add(&mut set, low, flags);
            continue;
        }
        let character = reader.next()?;
        if character == ']' {
            add(&mut set, low, flags);
            add(&mut set, ClassMember::Literal('-'), flags);
            break;
        }
        match (low, member(reader, character)?) {
            (ClassMember::Literal(low), ClassMember::Literal(high)) if low <= high => set.add(low, high),
            _ => return Err(BadPattern),
        }
    }
    Ok(set.finish(flags.fold(), is_complement))
}

fn member(reader: &mut Reader<'_>, character: char) -> Result<ClassMember, BadPattern> {
    if character == '\\' {
        ClassMember::read(reader)
    } else {
        Ok(ClassMember::Literal(character))
    }
}

fn add(set: &mut Gathering, member: ClassMember, flags: Flags) {
    match member {
        ClassMember::Shorthand(shorthand) => set.add_shorthand(shorthand, flags.ascii),
        ClassMember::Literal(literal) => set.add(literal, literal),
    }
}
