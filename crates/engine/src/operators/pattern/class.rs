//! Character classes in brackets.
//!
//! A class is read completely and written anew, because `[`, `&&`, `--` and `~~` mean themselves in the reference's
//! dialect and something else in ours.

use super::BadPattern;
use super::escape::{ClassMember, shorthand_body};
use super::flags::Flags;
use super::reader::Reader;

/// Translates a class whose opening bracket has been read.
pub(super) fn translate(reader: &mut Reader<'_>, flags: Flags) -> Result<String, BadPattern> {
    let mut class = String::from("[");
    if reader.eat('^') {
        class.push('^');
    }
    let mut is_empty = true;
    loop {
        let character = reader.next()?;
        if character == ']' && !is_empty {
            break;
        }
        is_empty = false;
        let low = member(reader, character)?;
        if !reader.eat('-') {
            push(&mut class, low, flags);
            continue;
        }
        let character = reader.next()?;
        if character == ']' {
            push(&mut class, low, flags);
            push(&mut class, ClassMember::Literal('-'), flags);
            break;
        }
        match (low, member(reader, character)?) {
            (ClassMember::Literal(low), ClassMember::Literal(high)) if low <= high => {
                push_literal(&mut class, low);
                class.push('-');
                push_literal(&mut class, high);
            }
            _ => return Err(BadPattern),
        }
    }
    class.push(']');
    Ok(class)
}

fn member(reader: &mut Reader<'_>, character: char) -> Result<ClassMember, BadPattern> {
    if character == '\\' {
        ClassMember::read(reader)
    } else {
        Ok(ClassMember::Literal(character))
    }
}

fn push(class: &mut String, member: ClassMember, flags: Flags) {
    match member {
        ClassMember::Shorthand(shorthand) => {
            let body = shorthand_body(shorthand, flags);
            if shorthand.is_ascii_uppercase() {
                class.push_str("[^");
                class.push_str(body);
                class.push(']');
            } else {
                class.push_str(body);
            }
        }
        ClassMember::Literal(literal) => push_literal(class, literal),
    }
}

fn push_literal(class: &mut String, literal: char) {
    if r"[]^-&~\".contains(literal) {
        class.push('\\');
    }
    class.push(literal);
}
