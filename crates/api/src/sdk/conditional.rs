//! Whether the caller already has the answer (RFC 9110, section 13).

use std::time::UNIX_EPOCH;

use axum::http::HeaderMap;
use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use liftgate_delivery::{Encoding, PreparedAnswer};
use liftgate_model::Timestamp;

/// Whether the conditions of a reading request say that the caller's copy is the current one. An entity tag decides
/// alone; a date that cannot be read, or that cannot tell two answers of one second apart, decides nothing.
pub(super) fn has_current_copy(
    headers: &HeaderMap,
    answer: &PreparedAnswer,
    encoding: Encoding,
    now: Timestamp,
) -> bool {
    if headers.contains_key(IF_NONE_MATCH) {
        return names_tag(headers, answer.etag(encoding));
    }
    modified_since(headers).is_some_and(|since| answer.is_unmodified_since(since, now))
}

/// Whether `If-None-Match` names this entity tag.
pub(super) fn names_tag(headers: &HeaderMap, etag: &str) -> bool {
    let mut tags = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(str::trim);
    // The comparison is the weak one: proxies that change the coding weaken the tag.
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// The date of `If-Modified-Since`, in any of the three formats of HTTP. Two dates are none.
fn modified_since(headers: &HeaderMap) -> Option<Timestamp> {
    let mut values = headers.get_all(IF_MODIFIED_SINCE).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let date = httpdate::parse_http_date(value.to_str().ok()?.trim()).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Timestamp(i64::try_from(seconds).ok()?.checked_mul(1_000_000)?))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn dates_come_in_three_formats() {
        let read = |dates: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for date in dates {
                headers.append(IF_MODIFIED_SINCE, HeaderValue::from_static(date));
            }
            modified_since(&headers).map(|since| since.0)
        };
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read(&[date]), Some(784_111_777_000_000), "{date}");
        }
        for date in ["", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 +0100"] {
            assert_eq!(read(&[date]), None, "{date}");
        }
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!((read(&[]), read(&[date, date])), (None, None));
    }
}
