//! Who may change a link: the guard looks at it before the body is.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use liftgate_app::{App, overrides};
use liftgate_model::FeatureSegmentId;
use liftgate_model::account::Actor;

use crate::auth::actor;
use crate::error::ApiError;
use crate::extract::path;
use crate::guard::Guard;
use crate::state::ApiState;

/// Guard: the link `{feature_segment_id}`, which the caller may change; 404 for who does not see its project.
pub struct WritableLink {
    /// The caller.
    pub actor: Actor,
    /// The link.
    pub id: FeatureSegmentId,
}

impl Guard for WritableLink {
    const WHO: &'static str = "MANAGE_SEGMENT_OVERRIDES";
}

impl FromRequestParts<ApiState> for WritableLink {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = actor(parts, state).await?;
        let id = path::id(parts).await?;
        let app: Arc<App> = FromRef::from_ref(state);
        overrides::find(&app, &actor, id).await?;
        Ok(Self { actor, id })
    }
}
