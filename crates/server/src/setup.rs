//! The pages people see before there is a dashboard: how to begin, and the set-up of the first administrator behind the
//! one-time link that the server prints.

use axum::Router;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use liftgate_app::accounts::{self, NewAdministrator};
use liftgate_app::{App, Error, Invalid};
use liftgate_model::Secret;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write as _;
use std::sync::Arc;

/// Nothing but this page's own style, and forms only to itself. Scripts have no business here.
const POLICY: &str = "default-src 'none'; style-src 'sha256-STYLE'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("setup.css");

/// The routes of the pages.
pub fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(welcome))
        .route("/setup/{token}/", get(form).post(submit))
        .with_state(app)
}

/// What the form sends.
#[derive(Debug, Deserialize)]
struct Setup {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    #[serde(default)]
    organisation: String,
}

async fn welcome(State(app): State<Arc<App>>) -> Response {
    let begun = app.has_users().await.unwrap_or(true);
    let next = if begun {
        "<p>This server is set up. Sign in through the API: <a href=\"/api/v1/docs/\">/api/v1/docs/</a> describes it.</p>"
    } else {
        "<p>Nobody has an account yet. The server printed a one-time link when it started: open it to create the first \
         administrator.</p>"
    };
    page(StatusCode::OK, "Liftgate", next)
}

async fn form(Path(_token): Path<String>) -> Response {
    page(
        StatusCode::OK,
        "Create the first administrator",
        &fields(&Setup::empty(), &[]),
    )
}

async fn submit(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    setup: Result<Form<Setup>, FormRejection>,
) -> Response {
    let Form(setup) = setup.unwrap_or_else(|_| Form(Setup::empty()));
    let faults = setup.missing();
    if !faults.is_empty() {
        return page(
            StatusCode::BAD_REQUEST,
            "Create the first administrator",
            &fields(&setup, &faults),
        );
    }
    let new = NewAdministrator {
        email: setup.email.clone(),
        password: Secret::new(setup.password.clone()),
        first_name: setup.first_name.clone(),
        last_name: setup.last_name.clone(),
        organisation: setup.organisation.clone(),
    };
    match accounts::complete_setup(&app, &Secret::new(token), new).await {
        Ok((user, session)) => page(
            StatusCode::OK,
            "You are set up",
            &done(&user.email, session.expose()),
        ),
        Err(Error::Invalid(Invalid::Fields(found))) => {
            let faults: Vec<String> = found
                .iter()
                .map(|(field, fault)| fault_text(field, fault))
                .collect();
            page(
                StatusCode::BAD_REQUEST,
                "Create the first administrator",
                &fields(&setup, &faults),
            )
        }
        Err(Error::Forbidden(reason)) => {
            let reason = reason.unwrap_or_else(|| "This link is not valid.".into());
            page(
                StatusCode::FORBIDDEN,
                "This link does not work",
                &format!("<p>{}</p>", escape(&reason)),
            )
        }
        Err(error) => {
            tracing::error!(error = ?error, "setup.failed");
            page(
                StatusCode::SERVICE_UNAVAILABLE,
                "Not now",
                "<p>Something needed is away. Try again in a moment.</p>",
            )
        }
    }
}

impl Setup {
    fn empty() -> Self {
        Self {
            email: String::new(),
            password: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            organisation: String::new(),
        }
    }

    /// What the form misses, in words.
    fn missing(&self) -> Vec<String> {
        let fields = [
            ("An address", &self.email),
            ("A password", &self.password),
            ("A given name", &self.first_name),
            ("A family name", &self.last_name),
            ("A name for the organisation", &self.organisation),
        ];
        let mut faults: Vec<String> = fields
            .iter()
            .filter(|(_, value)| value.trim().is_empty())
            .map(|(name, _)| format!("{name} is needed."))
            .collect();
        if !self.email.is_empty() && !self.email.contains('@') {
            faults.push("The address is not a mail address.".into());
        }
        faults
    }
}

fn fields(setup: &Setup, faults: &[String]) -> String {
    let mut html = String::new();
    for fault in faults {
        let _ = write!(html, "<p class=\"fault\" role=\"alert\">{}</p>", escape(fault));
    }
    html.push_str("<form method=\"post\">");
    let inputs = [
        (
            "organisation",
            "Organisation",
            "text",
            "organization",
            setup.organisation.as_str(),
        ),
        (
            "first_name",
            "Given name",
            "text",
            "given-name",
            &setup.first_name,
        ),
        (
            "last_name",
            "Family name",
            "text",
            "family-name",
            &setup.last_name,
        ),
        ("email", "Mail address", "email", "username", &setup.email),
        (
            "password",
            "Password, 15 characters or more are best",
            "password",
            "new-password",
            "",
        ),
    ];
    for (name, label, kind, autocomplete, value) in inputs {
        let value = escape(value);
        let _ = write!(
            html,
            "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" \
             autocomplete=\"{autocomplete}\" value=\"{value}\" required>"
        );
    }
    html.push_str("<button type=\"submit\">Create</button></form>");
    html
}

fn done(email: &str, session: &str) -> String {
    format!(
        "<p>Signed in as {}. Your session token is shown once:</p><pre>{}</pre>\
         <p>Send it as <code>Authorization: Token …</code>. Go on with <code>liftgate demo --token …</code> for a \
         demonstration, or with the walk through the loop in the README; \
         <a href=\"/api/v1/docs/\">/api/v1/docs/</a> describes the API.</p>",
        escape(email),
        escape(session)
    )
}

fn fault_text(field: &str, fault: &Value) -> String {
    let texts = fault.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
    format!("{field}: {}", texts.join(" "))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title} – Liftgate</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers: [(HeaderName, HeaderValue); 5] = [
        (
            CONTENT_SECURITY_POLICY,
            HeaderValue::from_str(&policy()).unwrap_or(HeaderValue::from_static("default-src 'none'")),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, Html(html)).into_response()
}

/// The policy with the hash of the style, so that no other style applies.
fn policy() -> String {
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(STYLE.as_bytes()));
    POLICY.replace("STYLE", &hash)
}

/// Text for HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
