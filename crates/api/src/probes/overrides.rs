//! What a dashboard is told before it starts (contract, admin API, section 8.6): a script that sets a variable.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue};
use serde_json::json;

use crate::auth::Anonymous;
use crate::state::ApiState;

/// Where a dashboard finds this server, and what it may offer. Everything is on this server, and the dashboard's own
/// flags are asked for nowhere else.
#[utoipa::path(get, path = "/config/project-overrides", tag = "probes", responses((status = 200)))]
pub(super) async fn project_overrides(
    _: Anonymous,
    State(state): State<ApiState>,
) -> ([(HeaderName, HeaderValue); 1], String) {
    let closed = !state.app.is_registration_open();
    let overrides = json!({
        "api": "/api/v1/",
        "assetURL": "/",
        "cookieAuthEnabled": false,
        "cookieSameSite": "none",
        "disableAnalytics": true,
        "flagsmith": "",
        "flagsmithAnalytics": false,
        "flagsmithClientAPI": "/api/v1/",
        "flagsmithRealtime": false,
        "hideInviteLinks": false,
        "linkedinPartnerTracking": false,
        "maintenance": false,
        "preventEmailPassword": false,
        "preventSignup": closed,
        "useSecureCookies": true,
    });
    let script = HeaderValue::from_static("application/javascript");
    (
        [(CONTENT_TYPE, script)],
        format!("window.projectOverrides = {overrides}"),
    )
}
