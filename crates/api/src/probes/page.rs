//! The state of the server as JSON or as a page.

use std::fmt::Write as _;

use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::extract::Query;
use crate::health::Check;
use crate::reply::json_response;

/// 200 when all is well, else 500; JSON when asked for, else a page.
pub(super) fn answer(checks: &[Check], headers: &HeaderMap, query: &Query) -> Response {
    let works = checks.iter().all(|check| check.fault.is_none());
    let status = if works {
        StatusCode::OK
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    if wants_json(headers, query) {
        let body: Map<String, Value> = checks
            .iter()
            .map(|check| (check.name.to_owned(), Value::from(state(check))))
            .collect();
        return json_response(status, &body);
    }
    let mut rows = String::new();
    for check in checks {
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td>{}</td></tr>",
            escaped(check.name),
            escaped(&state(check))
        );
    }
    let page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><title>System status</title></head>\n\
         <body><h1>System status</h1>\n<table>\n{rows}</table></body>\n</html>\n"
    );
    (
        status,
        [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))],
        page,
    )
        .into_response()
}

fn wants_json(headers: &HeaderMap, query: &Query) -> bool {
    let accepts = |value: &HeaderValue| {
        value
            .to_str()
            .is_ok_and(|types| types.contains("application/json"))
    };
    query.get("format") == Some("json") || headers.get_all(ACCEPT).iter().any(accepts)
}

fn state(check: &Check) -> String {
    check
        .fault
        .as_ref()
        .map_or_else(|| "working".to_owned(), |fault| format!("unavailable: {fault}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
