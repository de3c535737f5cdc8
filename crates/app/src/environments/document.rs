//! The environment document, as SDKs get it.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ViewEnvironment;
use crate::error::{Error, Result};
use liftgate_delivery::EnvironmentSnapshot;
use std::sync::Arc;

/// What is served for an environment now.
///
/// # Errors
/// `Unavailable` until the environment was published on this node.
pub fn document(app: &App, on: &OnEnvironment<ViewEnvironment>) -> Result<Arc<EnvironmentSnapshot>> {
    app.delivery
        .snapshot(on.environment.id)
        .ok_or_else(|| Error::Unavailable {
            detail: "The environment is being prepared.".into(),
            retry_after_seconds: 1,
        })
}
