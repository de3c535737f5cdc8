//! Requests by method, route and status: how many, and how long until the answer started.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};

/// A request being timed.
pub(super) struct Timer {
    started: Instant,
    method: &'static str,
}

impl Timer {
    pub fn start(request: &Request) -> Self {
        Self {
            started: Instant::now(),
            method: method_name(request.method()),
        }
    }

    /// Counts the request. Routes are templates, so that ids do not become labels.
    pub fn stop(self, route: Option<String>, status: StatusCode) {
        let labels = [
            ("method", self.method.to_owned()),
            ("route", route.unwrap_or_else(|| "unmatched".to_owned())),
            ("status", status.as_u16().to_string()),
        ];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_duration_seconds", &labels).record(self.started.elapsed());
    }
}

/// The method as a label; made-up methods share one.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
