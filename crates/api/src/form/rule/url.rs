//! Whether text is the address of a web page.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::mail;

/// Whether the text is `http://` or `https://`, a host with an optional user and port, and an optional rest without
/// blanks.
pub fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
        return false;
    }
    if text
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return false;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = match authority.rsplit_once('@') {
        Some((user, _)) if user.contains('@') || user.is_empty() => return false,
        Some((_, host)) => host,
        None => authority,
    };
    if let Some(rest) = host_and_port.strip_prefix('[') {
        return rest
            .split_once(']')
            .is_some_and(|(host, port)| host.parse::<Ipv6Addr>().is_ok() && is_port(port));
    }
    let (host, port) = match host_and_port.find(':') {
        Some(at) => host_and_port.split_at(at),
        None => (host_and_port, ""),
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    is_port(port) && (host.parse::<Ipv4Addr>().is_ok() || mail::is_host(&host.to_ascii_lowercase()))
}

/// Nothing, or a colon and one to five digits.
fn is_port(port: &str) -> bool {
    port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            (1..=5).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
        })
}
