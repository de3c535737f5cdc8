//! Reading JSONPath (RFC 9535).
//!
//! Nearly every path is a chain of names, which is read here and resolved without a document. The rest goes to a
//! general implementation, within limits that keep both parsing and evaluation short.

use std::iter::Peekable;
use std::str::Chars;

use serde_json_path::JsonPath;

/// The longest general query, in bytes.
const MAX_QUERY_BYTES: usize = 256;

/// The deepest nesting of brackets and parentheses in a query; parsing time doubles with each level.
const MAX_QUERY_NESTING: usize = 6;

/// The most descents (`..`), wildcards and filters in a query; each may multiply the work by the size of the context.
const MAX_QUERY_SCANS: usize = 2;

/// The names of a path that is a chain of names, such as `$.identity.traits['a b']`. `None`: any other path, valid or
/// not.
pub(crate) fn names(path: &str) -> Option<Vec<String>> {
    let mut rest = path.strip_prefix('$')?.chars().peekable();
    let mut names = Vec::new();
    while rest.peek().is_some() {
        skip_blank(&mut rest);
        names.push(match rest.next()? {
            '.' => shorthand(&mut rest)?,
            '[' => bracketed(&mut rest)?,
            _ => return None,
        });
    }
    Some(names)
}

/// Any valid path within the limits.
pub(crate) fn query(path: &str) -> Option<JsonPath> {
    let scans = path.matches("..").count() + path.matches(['?', '*']).count();
    if path.len() > MAX_QUERY_BYTES || scans > MAX_QUERY_SCANS || nesting(path) > MAX_QUERY_NESTING {
        return None;
    }
    JsonPath::parse(path).ok()
}

fn shorthand(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let is_first =
        |character: char| character.is_ascii_alphabetic() || character == '_' || !character.is_ascii();
    let mut name = rest.next_if(|character| is_first(*character))?.to_string();
    while let Some(next) = rest.next_if(|character| is_first(*character) || character.is_ascii_digit()) {
        name.push(next);
    }
    Some(name)
}

fn bracketed(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    skip_blank(rest);
    let quote = rest.next_if(|character| matches!(character, '\'' | '"'))?;
    let mut name = String::new();
    loop {
        match rest.next()? {
            end if end == quote => break,
            '\\' => name.push(match rest.next()? {
                'b' => '\x08',
                'f' => '\x0c',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => escaped_code_point(rest)?,
                escaped @ ('/' | '\\') => escaped,
                escaped if escaped == quote => escaped,
                _ => return None,
            }),
            control if control < ' ' => return None,
            character => name.push(character),
        }
    }
    skip_blank(rest);
    rest.next_if_eq(&']').map(|_| name)
}

fn escaped_code_point(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    let high = four_digits(rest)?;
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high);
    }
    rest.next_if_eq(&'\\')?;
    rest.next_if_eq(&'u')?;
    let low = four_digits(rest)?;
    if !(0xdc00..0xe000).contains(&low) {
        return None;
    }
    char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))
}

fn four_digits(rest: &mut Peekable<Chars<'_>>) -> Option<u32> {
    (0..4).try_fold(0, |number, _| Some(number * 16 + rest.next()?.to_digit(16)?))
}

fn skip_blank(rest: &mut Peekable<Chars<'_>>) {
    while rest
        .next_if(|character| matches!(character, ' ' | '\t' | '\n' | '\r'))
        .is_some()
    {}
}

fn nesting(path: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    for character in path.chars() {
        match character {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_of_names_are_read() {
        for (path, expected) in [
            ("$.identity.key", vec!["identity", "key"]),
            ("$.identity.traits['a b']", vec!["identity", "traits", "a b"]),
            (r#"$.a["b\"c"]"#, vec!["a", "b\"c"]),
            (r"$.a['it\'s']", vec!["a", "it's"]),
            (r"$.a['\u00e9']", vec!["a", "é"]),
            ("$.a [ 'b' ] .c", vec!["a", "b", "c"]),
            ("$.é1._x", vec!["é1", "_x"]),
        ] {
            assert_eq!(
                names(path),
                Some(expected.into_iter().map(str::to_owned).collect()),
                "{path}"
            );
            assert!(query(path).is_some(), "{path} is valid");
        }
    }

    #[test]
    fn escaped_pairs_are_one_character() {
        assert_eq!(names(r"$['\ud83d\ude00']"), Some(vec!["😀".to_owned()]));
        for path in [
            r"$['\ud83d']",
            r"$['\ude00']",
            r"$['\ud83d\u0041']",
            r"$['\u00e']",
        ] {
            assert_eq!(names(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_not_a_chain_is_left_to_the_query() {
        for path in ["$.a[0]", "$..a", "$.a.*", "$.a['b','c']", "$.a[?@.b == 1]"] {
            assert_eq!(names(path), None, "{path}");
            assert!(query(path).is_some(), "{path} is valid");
        }
        for path in [
            "$.",
            "$.a.",
            "$.1a",
            "$.a b",
            "$.a ",
            "$.a['b",
            r"$.a['\q']",
            r#"$.a['\"']"#,
            "$.a]",
        ] {
            assert_eq!(names(path), None, "{path}");
            assert!(query(path).is_none(), "{path} is not valid");
        }
    }

    #[test]
    fn queries_are_bounded() {
        assert!(query("$..a..b..c").is_none());
        assert!(query(&format!("$.a[?{}@.b{}]", "(".repeat(40), ")".repeat(40))).is_none());
        assert!(query(&format!("$.a[0].{}", "x".repeat(300))).is_none());
    }
}
