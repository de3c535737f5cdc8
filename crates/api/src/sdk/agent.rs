//! Which SDK sent a request.

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderName};

/// What browsers send instead of `User-Agent`, which they cannot set.
const SDK_USER_AGENT: HeaderName = HeaderName::from_static("flagsmith-sdk-user-agent");

/// The languages of the published SDKs (contract, sdk-api section 1). Others are not told apart, so that nobody can fill
/// the store with names.
const LANGUAGES: [&str; 13] = [
    "dotnet",
    "elixir",
    "flutter",
    "go",
    "java",
    "js",
    "kotlin-android",
    "nodejs",
    "php",
    "python",
    "ruby",
    "rust",
    "swift-ios",
];

/// Longest version that is kept.
const VERSION_BYTES: usize = 32;

const UNKNOWN: &str = "unknown";

/// The SDK a request comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sdk {
    /// `js`, or `unknown`.
    pub(super) language: &'static str,
    /// `12.4.0`, or `unknown`.
    pub(super) version: String,
}

impl Sdk {
    /// `flagsmith-js-sdk/12.4.0`; `None` when it is none of the published ones.
    pub(super) fn name(&self) -> Option<String> {
        (self.language != UNKNOWN).then(|| format!("flagsmith-{}-sdk/{}", self.language, self.version))
    }
}

/// Reads `flagsmith-<language>-sdk/<version>`.
pub(super) fn sdk(headers: &HeaderMap) -> Sdk {
    let agent = headers.get(SDK_USER_AGENT).or_else(|| headers.get(USER_AGENT));
    let known = agent.and_then(|agent| read(agent.to_str().ok()?));
    known.unwrap_or_else(|| Sdk {
        language: UNKNOWN,
        version: UNKNOWN.to_owned(),
    })
}

fn read(agent: &str) -> Option<Sdk> {
    let (name, version) = agent.trim().split_once('/').unwrap_or((agent.trim(), UNKNOWN));
    let name = name.strip_prefix("flagsmith-")?.strip_suffix("-sdk")?;
    let is_version = |byte: u8| byte.is_ascii_alphanumeric() || b".-+".contains(&byte);
    let is_kept = !version.is_empty() && version.len() <= VERSION_BYTES && version.bytes().all(is_version);
    Some(Sdk {
        language: LANGUAGES.into_iter().find(|language| *language == name)?,
        version: if is_kept { version } else { UNKNOWN }.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(headers: &[(HeaderName, &'static str)]) -> (&'static str, String) {
        let headers = headers.iter().cloned();
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let sdk = sdk(&headers.collect());
        (sdk.language, sdk.version)
    }

    #[test]
    fn the_sdk_is_told_by_its_own_header_first() {
        for (agent, language, version) in [
            ("flagsmith-js-sdk/12.4.0", "js", "12.4.0"),
            (
                "flagsmith-kotlin-android-sdk/1.0.0-beta.1",
                "kotlin-android",
                "1.0.0-beta.1",
            ),
            ("flagsmith-python-sdk", "python", "unknown"),
            ("flagsmith-python-sdk/<script>", "python", "unknown"),
            ("flagsmith-cobol-sdk/1.0.0", "unknown", "unknown"),
            ("Mozilla/5.0", "unknown", "unknown"),
        ] {
            let expected = (language, version.to_owned());
            assert_eq!(
                of(&[(SDK_USER_AGENT, agent), (USER_AGENT, "flagsmith-go-sdk/1.0.0")]),
                expected
            );
            assert_eq!(of(&[(USER_AGENT, agent)]), expected);
        }
        assert_eq!(of(&[]), ("unknown", "unknown".to_owned()));
    }
}
