//! Why the flags of an identity are what they are. Liftgate's own.

mod wire;

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::TraceIdentities;
use liftgate_app::{App, identities};

use self::wire::TraceBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::path::TextName;
use crate::extract::{PathText, Query};
use crate::reply::Reply;

/// The identity in the path.
#[derive(Debug)]
pub struct Identifier;

impl TextName for Identifier {
    const NAME: &'static str = "identifier";
}

/// Why the flags of an identity are what they are: what an SDK gets that names it and sends no traits, with every
/// override, rule and condition that was looked at. Liftgate's own.
///
/// The identity need not be stored, and does not become so. Flags that are hidden from some callers are shown.
#[utoipa::path(get, path = "/api/liftgate/v1/environments/{environment_key}/identities/{identifier}/trace/",
    tag = "identities", params(("environment_key" = String, Path),
        ("identifier" = String, Path, description = "The identity, percent-encoded."),
        ("feature" = Option<String>, Query, description = "The name of the one feature to trace, in any case.")),
    responses((status = 200, body = TraceBody), (status = 400, description = "There is too much to tell of all features."),
        (status = 404, description = "There is no such feature.")))]
pub async fn trace(
    GuardedEnvironment(on): GuardedEnvironment<TraceIdentities>,
    State(app): State<Arc<App>>,
    identifier: PathText<Identifier>,
    query: Query,
) -> Result<Reply<TraceBody>, ApiError> {
    let traced = identities::trace(&app, &on, &identifier.text, query.get("feature")).await?;
    Ok(Reply(TraceBody::new(identifier.text, traced)))
}
