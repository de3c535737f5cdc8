//! Usage of an organisation.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, usage as use_cases};

use super::wire::{UsageData, UsageQuery, UsageTotalCount};
use crate::error::ApiError;
use crate::extract::Query;
use crate::reply::Reply;
use crate::throttle::{Throttle, UsageQuery as Rate};
use crate::v1::organisations::PrivilegedOrganisation;

/// The requests of SDKs by day and by who sent them, in the last 30 days unless `period` says other.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/usage-data/", tag = "organisations",
    params(("project_id" = Option<i32>, Query), ("environment_id" = Option<i32>, Query),
        ("period" = Option<String>, Query, description = "`90_day_period`; there are no billing periods."),
        ("user_agent" = Option<String>, Query), ("client_application_name" = Option<String>, Query),
        ("client_application_version" = Option<String>, Query)),
    responses((status = 200, body = Vec<UsageData>)))]
pub async fn usage(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    _: Throttle<Rate>,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<Vec<UsageData>>, ApiError> {
    let UsageQuery(filter) = query.parse()?;
    let totals = use_cases::requests(&app, &on, filter).await?;
    Ok(Reply(UsageData::list(totals)))
}

/// How many requests of SDKs there were in the last 30 days.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/usage-data/total-count/", tag = "organisations",
    responses((status = 200, body = UsageTotalCount)))]
pub async fn total(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    _: Throttle<Rate>,
    State(app): State<Arc<App>>,
) -> Result<Reply<UsageTotalCount>, ApiError> {
    let count = use_cases::total(&app, &on).await?;
    Ok(Reply(UsageTotalCount { count }))
}
