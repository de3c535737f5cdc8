//! Counts with what was seen by whom; only the counts are kept.

use axum::extract::State;
use axum::http::HeaderMap;

use super::wire::EvaluationReport;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::Mode;
use crate::reply::NoContent;
use crate::sdk::{EnvironmentKey, SdkState};

/// Counts evaluations. Names that are no feature's are left out; who saw what is not kept.
#[utoipa::path(
    post,
    path = "/api/v2/analytics/flags/",
    tag = "sdk",
    request_body = EvaluationReport,
    responses((status = 204, description = "Counted.")),
)]
pub(super) async fn report(
    key: EnvironmentKey,
    State(state): State<SdkState>,
    headers: HeaderMap,
    body: Body,
) -> Result<NoContent, ApiError> {
    let report: EvaluationReport = body.parse(Mode::Create)?;
    super::count(&key, &state, &headers, report.counts());
    Ok(NoContent)
}
