//! What every handler can reach.

use std::sync::Arc;

use axum::extract::FromRef;
use liftgate_app::App;
use liftgate_model::Clock;

use crate::client::TrustedProxies;
use crate::credentials::Authenticator;
use crate::health::{Build, Health};
use crate::throttle::Throttles;

/// The state of the admin routes; cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    /// The use-cases.
    pub app: Arc<App>,
    /// Knows sessions, keys and access tokens.
    pub authenticator: Arc<dyn Authenticator>,
    /// Knows whether what the server needs is there.
    pub health: Arc<dyn Health>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// Who called how often lately.
    pub throttles: Arc<Throttles>,
    /// What the operator chose.
    pub settings: Arc<Settings>,
}

/// What the operator chose about HTTP.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count; default none.
    pub trusted_proxies: TrustedProxies,
    /// What `GET /version/` tells of this build.
    pub build: Build,
}

impl FromRef<ApiState> for Arc<App> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.app)
    }
}

impl FromRef<ApiState> for Arc<Throttles> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.throttles)
    }
}

impl FromRef<ApiState> for Arc<dyn Clock> {
    fn from_ref(state: &ApiState) -> Self {
        Arc::clone(&state.clock)
    }
}

impl FromRef<ApiState> for TrustedProxies {
    fn from_ref(state: &ApiState) -> Self {
        state.settings.trusted_proxies.clone()
    }
}
