//! Requests are counted by what they ask for and by who sends them (contract, sdk-api sections 1 and 8).

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use liftgate_model::usage::{Labels, Resource};

use super::{EnvironmentKey, SdkState, agent};

const APPLICATION_NAME: HeaderName = HeaderName::from_static("flagsmith-application-name");
const APPLICATION_VERSION: HeaderName = HeaderName::from_static("flagsmith-application-version");

/// Longest name or version of an application that is kept; longer ones count as none.
const LABEL_BYTES: usize = 200;

/// Counts a request with a key, whatever comes of it.
pub(super) fn count(parts: &Parts, state: &SdkState, key: &EnvironmentKey) {
    if let Some(resource) = resource(parts.uri.path()) {
        state.delivery.usage().add_request(
            key.snapshot.environment_id(),
            resource,
            labels(&parts.headers),
            state.clock.now(),
        );
    }
}

/// Who sends a request, by its own word.
pub(super) fn labels(headers: &HeaderMap) -> Labels {
    let text = |name: HeaderName| {
        let text = headers.get(name).and_then(|value| value.to_str().ok());
        let text = text.map(str::trim).filter(|text| text.len() <= LABEL_BYTES);
        text.unwrap_or_default().to_owned()
    };
    Labels {
        user_agent: agent::sdk(headers).name().unwrap_or_default(),
        client_application_name: text(APPLICATION_NAME),
        client_application_version: text(APPLICATION_VERSION),
    }
}

/// What a path asks for, if it is counted.
fn resource(path: &str) -> Option<Resource> {
    let (name, _) = path.strip_prefix("/api/v1/")?.split_once('/')?;
    Resource::parse(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn what_a_path_asks_for_is_its_first_part() {
        for (path, expected) in [
            ("/api/v1/flags/", Some(Resource::Flags)),
            ("/api/v1/flags/7/multivariate-options/", Some(Resource::Flags)),
            ("/api/v1/identities/u/traits/k", Some(Resource::Identities)),
            ("/api/v1/traits/bulk/", Some(Resource::Traits)),
            (
                "/api/v1/environment-document/",
                Some(Resource::EnvironmentDocument),
            ),
            ("/api/v1/analytics/flags/", None),
            ("/ofrep/v1/evaluate/flags", None),
            ("/api/v1/flagship/", None),
        ] {
            assert_eq!(resource(path), expected, "{path}");
        }
    }

    #[test]
    fn callers_say_who_they_are() {
        let long = "x".repeat(LABEL_BYTES + 1);
        let headers = [
            ("flagsmith-sdk-user-agent", "flagsmith-js-sdk/12.4.0"),
            ("user-agent", "Mozilla/5.0"),
            ("flagsmith-application-name", " shop "),
            ("flagsmith-application-version", &long),
        ];
        let headers = headers.into_iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        });
        let expected = Labels {
            user_agent: "flagsmith-js-sdk/12.4.0".to_owned(),
            client_application_name: "shop".to_owned(),
            client_application_version: String::new(),
        };
        assert_eq!(labels(&headers.collect()), expected);
        assert_eq!(labels(&HeaderMap::new()), Labels::default());
    }
}
