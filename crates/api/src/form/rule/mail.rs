//! Whether text is a mail address, as the contract's server sees it.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest address.
const ADDRESS_CHARACTERS: usize = 320;
/// Longest label of a host name.
const LABEL_CHARACTERS: usize = 63;

/// Whether the text is `user@host`, where the host has a top-level domain, is `localhost`, or is an address in
/// brackets.
pub fn is_address(text: &str) -> bool {
    if text.chars().count() > ADDRESS_CHARACTERS {
        return false;
    }
    let Some((user, host)) = text.rsplit_once('@') else {
        return false;
    };
    (is_dot_atom(user) || is_quoted(user)) && (is_host(host) || is_literal(host))
}

/// Whether the text is `localhost` or labels with a top-level domain at the end.
pub fn is_host(host: &str) -> bool {
    if host == "localhost" {
        return true;
    }
    let Some((labels, top)) = host.rsplit_once('.') else {
        return false;
    };
    labels.split('.').all(is_label) && is_top_level(top)
}

fn is_dot_atom(user: &str) -> bool {
    user.split('.').all(|atom| {
        !atom.is_empty()
            && atom
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{}|~-".contains(letter))
    })
}

/// A user part in quotation marks: no blanks, line breaks or unescaped quotation marks.
fn is_quoted(user: &str) -> bool {
    let Some(inside) = user.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        let fits = match letter {
            '\\' => letters.next().is_some_and(
                |next| matches!(next, '\u{1}'..='\u{9}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}'),
            ),
            '"' | ' ' => false,
            '\u{1}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{7f}' => true,
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn is_label(label: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '\u{a1}'..='\u{ffff}');
    let length = label.chars().count();
    (1..=LABEL_CHARACTERS).contains(&length)
        && label.chars().all(|letter| is_letter(letter) || letter == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_top_level(label: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_alphabetic() || matches!(letter, '\u{a1}'..='\u{ffff}');
    let length = label.chars().count();
    let is_name = (2..=LABEL_CHARACTERS).contains(&length)
        && label.chars().all(|letter| is_letter(letter) || letter == '-')
        && !label.starts_with('-');
    let is_coded = label.len() <= LABEL_CHARACTERS
        && label
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
        && label.get(4..).is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_alphanumeric())
        });
    (is_name || is_coded) && !label.ends_with('-')
}

fn is_literal(host: &str) -> bool {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .is_some_and(|inside| inside.parse::<Ipv4Addr>().is_ok() || inside.parse::<Ipv6Addr>().is_ok())
}
