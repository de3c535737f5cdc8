//! Who may change a state by its id: the guard looks at it before the body is.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use liftgate_app::{App, states};
use liftgate_model::FeatureStateId;
use liftgate_model::account::Actor;

use crate::auth::actor;
use crate::error::ApiError;
use crate::extract::path;
use crate::guard::Guard;
use crate::state::ApiState;

/// Guard: the state `{feature_state_id}`, which the caller may change; 404 for who has nothing in its environment.
pub struct WritableState {
    /// The caller.
    pub actor: Actor,
    /// The state.
    pub id: FeatureStateId,
}

impl Guard for WritableState {
    const WHO: &'static str = "MANAGE_SEGMENT_OVERRIDES for overrides, UPDATE_FEATURE_STATE for other states";
}

impl FromRequestParts<ApiState> for WritableState {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let actor = actor(parts, state).await?;
        let id = path::id(parts).await?;
        let app: Arc<App> = FromRef::from_ref(state);
        states::find_writable(&app, &actor, id).await?;
        Ok(Self { actor, id })
    }
}
