//! Every kind of error, against the bodies of the contract.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use liftgate_app::{Error, Invalid, error::Missing};
use serde_json::{Value, json};

use super::{ApiError, Refusal, problem};

async fn answer(error: impl Into<ApiError>) -> (u16, Value, Option<String>, Option<String>) {
    let response = error.into().into_response();
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    let (challenge, retry) = (header("www-authenticate"), header("retry-after"));
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap(), challenge, retry)
}

#[tokio::test]
async fn errors_of_use_cases_answer_in_the_shapes_of_the_contract() {
    let throttled = |detail: Option<&str>, retry_after_seconds| Error::Throttled {
        detail: detail.map(str::to_owned),
        retry_after_seconds,
    };
    let cases: Vec<(Error, u16, Value)> = vec![
        (
            Error::Unauthenticated("Invalid token.".to_owned()),
            401,
            json!({"detail": "Invalid token."}),
        ),
        (
            Error::forbidden(),
            403,
            json!({"detail": "You do not have permission to perform this action."}),
        ),
        (
            Error::Forbidden(Some("No.".to_owned())),
            403,
            json!({"detail": "No."}),
        ),
        (
            Error::missing("Project"),
            404,
            json!({"detail": "No Project matches the given query."}),
        ),
        (
            Error::NotFound(Missing::Plain),
            404,
            json!({"detail": "Not found."}),
        ),
        (
            Error::NotFound(Missing::Text("Gone.".to_owned())),
            404,
            json!({"detail": "Gone."}),
        ),
        (Error::field("name", "Bad."), 400, json!({"name": ["Bad."]})),
        (
            Error::non_field("Bad."),
            400,
            json!({"non_field_errors": ["Bad."]}),
        ),
        (Error::list("Bad."), 400, json!(["Bad."])),
        (Error::detail("Bad."), 400, json!({"detail": "Bad."})),
        (
            Error::Invalid(Invalid::Message("Bad.".to_owned())),
            400,
            json!({"message": "Bad."}),
        ),
        (
            Error::Invalid(Invalid::Body(json!({"a": "b"}))),
            400,
            json!({"a": "b"}),
        ),
        (Error::conflict("Taken."), 409, json!({"detail": "Taken."})),
        (
            Error::Conflict {
                detail: "Locked.".to_owned(),
                code: Some("locked"),
            },
            409,
            json!({"detail": "Locked.", "code": "locked"}),
        ),
        (
            throttled(None, 60),
            429,
            json!({"detail": "Request was throttled. Expected available in 60 seconds."}),
        ),
        (
            throttled(None, 1),
            429,
            json!({"detail": "Request was throttled. Expected available in 1 second."}),
        ),
        (
            throttled(Some("A refresh was requested recently. Try again later."), 300),
            429,
            json!({"detail": "A refresh was requested recently. Try again later. Expected available in 300 seconds."}),
        ),
        (
            Error::Unavailable {
                detail: "Away.".to_owned(),
                retry_after_seconds: 5,
            },
            503,
            json!({"detail": "Away."}),
        ),
        (
            Error::internal("secret"),
            500,
            json!({"detail": "Internal server error."}),
        ),
    ];
    for (error, status, body) in cases {
        let shown = format!("{error:?}");
        let (got_status, got_body, challenge, retry) = answer(error).await;
        assert_eq!((got_status, got_body), (status, body), "{shown}");
        assert_eq!(
            challenge.as_deref(),
            (status == 401).then_some("Cookie realm=\"api\""),
            "{shown}"
        );
        assert_eq!(retry.is_some(), status == 429 || status == 503, "{shown}");
    }
}

#[tokio::test]
async fn refusals_answer_in_the_shapes_of_the_contract() {
    let cases = [
        (
            Refusal::SecondFactor("Invalid or expired code.".to_owned()),
            401,
            json!({"error": "Invalid or expired code."}),
        ),
        (
            Refusal::Method(axum::http::Method::PUT),
            405,
            json!({"detail": "Method \"PUT\" not allowed."}),
        ),
        (
            Refusal::SlowBody,
            408,
            json!({"detail": "The request body did not arrive in time."}),
        ),
        (
            Refusal::BodyTooLarge(9),
            413,
            json!({"detail": "The request body must have at most 9 bytes."}),
        ),
        (
            Refusal::AddressTooLong(9),
            414,
            json!({"detail": "The address must have at most 9 bytes."}),
        ),
        (
            Refusal::MediaType("text/plain".to_owned()),
            415,
            json!({"detail": "Unsupported media type \"text/plain\" in request."}),
        ),
    ];
    for (refusal, status, body) in cases {
        let (got_status, got_body, challenge, _) = answer(refusal).await;
        assert_eq!((got_status, got_body, challenge), (status, body, None));
    }
}

#[test]
fn a_path_without_meaning_answers_a_page() {
    let response = ApiError::from(Refusal::NoSuchPath).into_response();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
}

#[test]
fn problem_details_carry_what_programs_need() {
    let error = ApiError::from(Error::field("name", "Bad."));
    assert_eq!(
        problem::details(&error, "r1"),
        json!({
            "type": "about:blank", "title": "Bad Request", "status": 400,
            "detail": "The input is not acceptable.", "request_id": "r1", "errors": {"name": ["Bad."]},
        })
    );
    let error = ApiError::from(Error::Conflict {
        detail: "Locked.".to_owned(),
        code: Some("locked"),
    });
    assert_eq!(problem::details(&error, "r2")["code"], "locked");
    let error = ApiError::from(Error::Throttled {
        detail: None,
        retry_after_seconds: 3,
    });
    assert_eq!(problem::details(&error, "r3")["retry_after_seconds"], 3);
}

#[test]
fn only_a_fault_of_ours_has_something_for_the_log() {
    #[derive(Debug)]
    struct Outer(std::io::Error);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("write the row")
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let fault = ApiError::from(Error::internal(Outer(std::io::Error::other("disk full"))));
    assert_eq!(fault.fault().as_deref(), Some("write the row: disk full"));
    assert_eq!(ApiError::from(Error::forbidden()).fault(), None);
}
