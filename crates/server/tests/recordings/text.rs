//! Texts that differ from run to run: times, UUIDs, random keys.

use serde_json::Value;

/// A text with everything that differs from run to run replaced by what it is.
pub fn normal(text: &str) -> String {
    let is_time = text.len() == "2026-01-01T00:00:00.000000Z".len()
        && text.ends_with('Z')
        && text.as_bytes()[10] == b'T'
        && text.starts_with("20");
    if is_time {
        return "a time".to_owned();
    }
    if text.ends_with("+00:00") && text.starts_with("20") {
        return "a time with its offset".to_owned();
    }
    if let Some((before, _)) = text.split_once("xpected available in ") {
        return before.to_owned();
    }
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups == [8, 4, 4, 4, 12] {
        return "a UUID".to_owned();
    }
    let text = match text.split_once("/api/") {
        Some((origin, path)) if origin.starts_with("http://") => format!("/api/{path}"),
        _ => text.to_owned(),
    };
    let mut normal = String::new();
    for (at, part) in text.split_inclusive(['/', '&', '?', '-']).enumerate() {
        let (word, end) = part.split_at(part.len() - usize::from(part.ends_with(['/', '&', '?', '-'])));
        let is_id = at > 0 && !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        match word.strip_prefix("environments=") {
            Some(_) => normal.push_str("environments=#"),
            None if is_id => normal.push('#'),
            None => normal.push_str(word),
        }
        normal.push_str(end);
    }
    normal
}

/// Whether a text looks like a random key.
pub fn is_random(text: &str) -> bool {
    text.len() >= 8
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".$+/=_-".contains(&byte))
}

/// The beginning of a JSON text, cut back to its last complete member and closed.
pub fn closed(text: &str) -> Option<Value> {
    let (mut open, mut in_text, mut escaped) = (Vec::new(), false, false);
    let mut cuts = Vec::new();
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => {
                open.pop();
            }
            ',' => cuts.push((at, open.clone())),
            _ => {}
        }
    }
    cuts.into_iter().rev().find_map(|(at, open)| {
        let closing: String = open.iter().rev().collect();
        serde_json::from_str(&format!("{}{closing}", &text[..at])).ok()
    })
}
