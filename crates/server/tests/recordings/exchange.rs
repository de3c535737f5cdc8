//! A recorded answer.

use crate::text;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the reference server answered once.
#[derive(Debug)]
pub struct Exchange {
    /// What was tried.
    pub title: String,
    /// The status.
    pub status: u16,
    /// Those of the headers that were recorded, by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Body,
}

/// A recorded body.
#[derive(Debug)]
pub enum Body {
    /// None.
    Empty,
    /// Text that is not JSON: a page, or a script.
    Text,
    /// JSON, complete.
    Json(Value),
    /// JSON of which only the beginning was recorded, closed where it broke off.
    Beginning(Value),
}

/// Reads the recordings: blocks of a title, a line with status and headers, and a line with the body.
pub fn parse(recordings: &str) -> Vec<Exchange> {
    let mut blocks = Vec::new();
    for line in recordings.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            blocks.push((title.trim(), Vec::new()));
        } else if let Some((_, lines)) = blocks.last_mut() {
            lines.push(line);
        }
    }
    blocks
        .into_iter()
        .map(|(title, lines)| {
            let (status, headers) = lines[0].split_once(' ').unwrap_or((lines[0], ""));
            Exchange {
                title: title.to_owned(),
                status: status.parse().unwrap(),
                headers: parse_headers(headers),
                body: parse_body(lines.get(1).copied().unwrap_or_default()),
            }
        })
        .collect()
}

/// `{'Allow': 'GET, POST', 'WWW-Authenticate': 'Cookie realm="api"'}`: names and values between single quotes.
fn parse_headers(text: &str) -> BTreeMap<String, String> {
    let quoted: Vec<&str> = text.split('\'').skip(1).step_by(2).collect();
    quoted
        .chunks_exact(2)
        .map(|pair| (pair[0].to_lowercase(), pair[1].to_owned()))
        .collect()
}

fn parse_body(line: &str) -> Body {
    if line == "b''" {
        return Body::Empty;
    }
    if line.starts_with("b'") {
        return Body::Text;
    }
    match serde_json::from_str(line) {
        Ok(value) => Body::Json(value),
        Err(_) => Body::Beginning(text::closed(line).unwrap()),
    }
}
