//! Which content coding a caller prefers (RFC 9110, section 12.5.3).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;
use liftgate_delivery::Encoding;

/// What a caller says of codings.
#[derive(Debug, Default)]
struct Preferences {
    identity: Option<f32>,
    gzip: Option<f32>,
    zstd: Option<f32>,
    /// Of every coding that is not named.
    others: Option<f32>,
}

/// The coding for an answer: of those that the caller likes as much, the one that makes it shortest. An answer that is
/// not worth compressing is sent as it is, and so is one to a caller who accepts nothing there is; but who refuses it as
/// it is gets what they accept.
pub(super) fn choose(headers: &HeaderMap, is_worth_compressing: bool) -> Encoding {
    let preferences = Preferences::read(headers);
    let plain = preferences.identity.or(preferences.others);
    let refuses_plain = plain == Some(0.0);
    if !is_worth_compressing && !refuses_plain {
        return Encoding::Identity;
    }
    let weight = |named: Option<f32>| named.or(preferences.others).unwrap_or(0.0);
    let (zstd, gzip) = (weight(preferences.zstd), weight(preferences.gzip));
    let (best, weight) = if zstd >= gzip {
        (Encoding::Zstd, zstd)
    } else {
        (Encoding::Gzip, gzip)
    };
    let is_liked_less = preferences.identity.is_some_and(|identity| weight < identity);
    if weight > 0.0 && !is_liked_less {
        best
    } else {
        Encoding::Identity
    }
}

impl Preferences {
    /// Reads the header. What cannot be read says nothing.
    fn read(headers: &HeaderMap) -> Self {
        let mut preferences = Self::default();
        let values = headers.get_all(ACCEPT_ENCODING).iter();
        let items = values.filter_map(|value| value.to_str().ok());
        for item in items.flat_map(|list| list.split(',')) {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let Some(weight) = weight(parameters) else {
                continue;
            };
            let is = |coding: &str| name.trim().eq_ignore_ascii_case(coding);
            if is("gzip") || is("x-gzip") {
                preferences.gzip = Some(weight);
            } else if is("zstd") {
                preferences.zstd = Some(weight);
            } else if is("identity") {
                preferences.identity = Some(weight);
            } else if is("*") {
                preferences.others = Some(weight);
            }
        }
        preferences
    }
}

/// The weight among the parameters of a coding; 1 where there is none, `None` where it is no weight.
fn weight(parameters: &str) -> Option<f32> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1.0);
    }
    let (name, value) = parameters.split_once('=')?;
    let weight: f32 = value.trim().parse().ok()?;
    (name.trim().eq_ignore_ascii_case("q") && (0.0..=1.0).contains(&weight)).then_some(weight)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn chosen(header: &'static str, is_worth_compressing: bool) -> Encoding {
        let headers = [(ACCEPT_ENCODING, HeaderValue::from_static(header))];
        choose(&HeaderMap::from_iter(headers), is_worth_compressing)
    }

    #[test]
    fn the_most_liked_coding_is_taken() {
        use Encoding::{Gzip, Identity, Zstd};
        assert_eq!(choose(&HeaderMap::new(), true), Identity);
        for (header, expected) in [
            ("", Identity),
            ("gzip", Gzip),
            ("GZip", Gzip),
            ("x-gzip", Gzip),
            ("gzip, deflate, br, zstd", Zstd),
            ("zstd;q=0.5, gzip;q=0.8", Gzip),
            ("zstd;q=0.8,gzip ; q=0.8", Zstd),
            ("zstd;q=0, gzip", Gzip),
            ("br, deflate", Identity),
            ("*", Zstd),
            ("zstd;q=0, *;q=0.1", Gzip),
            ("gzip;q=0, zstd;q=0", Identity),
            ("identity;q=1, gzip;q=0.5", Identity),
            ("identity;q=0.5, gzip;q=0.5", Gzip),
            ("identity;q=0.5, *;q=0", Identity),
            ("*;q=0", Identity),
            ("gzip;q=2, zstd;q=nan", Identity),
            ("gzip;level=9", Identity),
        ] {
            assert_eq!(chosen(header, true), expected, "{header:?}");
        }
    }

    #[test]
    fn what_is_short_is_compressed_only_for_those_who_insist() {
        for (header, expected) in [
            ("gzip, zstd", Encoding::Identity),
            ("gzip, identity;q=0", Encoding::Gzip),
            ("gzip, *;q=0", Encoding::Gzip),
            ("br, identity;q=0", Encoding::Identity),
        ] {
            assert_eq!(chosen(header, false), expected, "{header:?}");
        }
    }
}
