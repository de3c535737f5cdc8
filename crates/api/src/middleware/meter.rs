//! Requests by method, route and status: how many, and how long until the answer started.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Instant;

use axum::http::{Method, StatusCode};
use metrics::{Counter, Histogram};

/// The route of requests that none matches.
const UNMATCHED: &str = "unmatched";

/// The series of all requests so far. Each is looked up in the recorder once; after that a request costs one look here.
/// Routes are templates and made-up methods share a name, so that no caller can add series without end.
#[derive(Debug, Default)]
pub(super) struct Meter {
    by_route: RwLock<HashMap<String, Vec<Series>>>,
}

#[derive(Debug, Clone)]
struct Series {
    method: &'static str,
    status: StatusCode,
    total: Counter,
    seconds: Histogram,
}

/// A request being timed.
#[derive(Debug)]
pub(super) struct Timer {
    started: Instant,
    method: &'static str,
}

impl Timer {
    pub fn start(method: &Method) -> Self {
        Self {
            started: Instant::now(),
            method: method_name(method),
        }
    }
}

impl Meter {
    /// Counts a request.
    pub fn count(&self, timer: &Timer, route: Option<&str>, status: StatusCode) {
        let route = route.unwrap_or(UNMATCHED);
        let elapsed = timer.started.elapsed();
        let is_counted = {
            // A series is added in one step, so a panic elsewhere leaves them sound.
            let by_route = self.by_route.read().unwrap_or_else(PoisonError::into_inner);
            let series = by_route.get(route).into_iter().flatten();
            series
                .filter(|series| series.method == timer.method && series.status == status)
                .map(|series| series.add(elapsed))
                .next()
                .is_some()
        };
        if !is_counted {
            self.add_first(timer.method, route, status).add(elapsed);
        }
    }

    fn add_first(&self, method: &'static str, route: &str, status: StatusCode) -> Series {
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.as_u16().to_string()),
        ];
        let series = Series {
            method,
            status,
            total: metrics::counter!("http_requests_total", &labels),
            seconds: metrics::histogram!("http_request_duration_seconds", &labels),
        };
        let mut by_route = self.by_route.write().unwrap_or_else(PoisonError::into_inner);
        let known = by_route.entry(route.to_owned()).or_default();
        if !known
            .iter()
            .any(|one| one.method == method && one.status == status)
        {
            known.push(series.clone());
        }
        series
    }
}

impl Series {
    fn add(&self, elapsed: std::time::Duration) {
        self.total.increment(1);
        self.seconds.record(elapsed);
    }
}

/// The method as a label; made-up methods share one.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
