//! Which methods each path has: for `Allow`, for methods it does not have, and for missing slashes.

use std::collections::HashMap;

use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use utoipa::openapi::{OpenApi, PathItem};

use crate::error::{ApiError, Refusal};
use crate::openapi;
use crate::reply::json_response;

/// The methods of all paths.
#[derive(Debug)]
pub(crate) struct Operations {
    paths: HashMap<String, Allowed>,
    /// Paths that end in a slash.
    slashed: matchit::Router<()>,
}

#[derive(Debug)]
struct Allowed {
    header: HeaderValue,
    summary: String,
}

impl Operations {
    /// The methods of a document's paths, and of the documentation pages.
    pub fn of(document: &OpenApi) -> Self {
        let mut paths: HashMap<String, Allowed> = HashMap::new();
        for (path, item) in &document.paths.paths {
            paths.insert(
                path.clone(),
                Allowed {
                    header: methods(item),
                    summary: summary(item),
                },
            );
        }
        for page in openapi::PAGES {
            let header = HeaderValue::from_static("GET, HEAD, OPTIONS");
            paths.insert(
                page.to_owned(),
                Allowed {
                    header,
                    summary: "Documentation".to_owned(),
                },
            );
        }
        let mut slashed = matchit::Router::new();
        for path in paths.keys().filter(|path| path.ends_with('/')) {
            slashed
                .insert(path.clone(), ())
                .expect("the router took the same paths");
        }
        Self { paths, slashed }
    }

    /// The `Allow` header of a path template.
    pub fn allow(&self, template: &str) -> Option<HeaderValue> {
        self.paths.get(template).map(|allowed| allowed.header.clone())
    }

    /// Whether the path, which has no slash at its end, is one when it gets one.
    pub fn lacks_slash(&self, path: &str) -> bool {
        // No segment of a template is empty, so `//host` is not one, and no client is sent to another host.
        !path.ends_with('/') && self.slashed.at(&format!("{path}/")).is_ok()
    }

    /// The answer to a method without a handler: what there is for OPTIONS, 405 for the rest.
    pub fn other_method(&self, template: &str, method: &Method) -> Response {
        if method != Method::OPTIONS {
            return ApiError::from(Refusal::Method(method.clone())).into_response();
        }
        let name = self
            .paths
            .get(template)
            .map_or("", |allowed| allowed.summary.as_str());
        let body = json!({
            "name": name,
            "description": "",
            "renders": ["application/json"],
            "parses": ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
        });
        json_response(StatusCode::OK, &body)
    }
}

/// The methods in the order in which the contract lists them.
fn methods(item: &PathItem) -> HeaderValue {
    let known = [
        (item.get.is_some(), "GET"),
        (item.post.is_some(), "POST"),
        (item.put.is_some(), "PUT"),
        (item.patch.is_some(), "PATCH"),
        (item.delete.is_some(), "DELETE"),
        (item.get.is_some(), "HEAD"),
        (true, "OPTIONS"),
    ];
    let names: Vec<&str> = known
        .into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, name)| name)
        .collect();
    HeaderValue::from_str(&names.join(", ")).expect("names of methods fit into a header")
}

fn summary(item: &PathItem) -> String {
    openapi::operations(item)
        .find_map(|operation| operation.summary.clone())
        .unwrap_or_default()
}
