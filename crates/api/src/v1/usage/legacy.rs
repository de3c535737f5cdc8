//! Usage as clients of before ask for it: the same counts in other words.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::usage::RequestTotal;
use liftgate_app::{App, usage as use_cases};
use liftgate_model::usage::{Day, Resource};
use serde::Serialize;
use utoipa::ToSchema;

use super::wire::EventsQuery;
use crate::error::ApiError;
use crate::extract::Query;
use crate::reply::Reply;
use crate::throttle::{Throttle, UsageQuery as Rate};
use crate::v1::organisations::PrivilegedOrganisation;

/// The requests by day.
#[derive(Debug, Serialize, ToSchema)]
pub struct InfluxData {
    events_list: Vec<DayOfEvents>,
}

/// The requests of a day, whoever sent them.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
struct DayOfEvents {
    flags: i64,
    identities: i64,
    traits: i64,
    #[serde(rename = "Environment-document")]
    environment_document: i64,
    /// The day: `YYYY-MM-DD`.
    #[serde(rename = "name")]
    name: String,
}

impl DayOfEvents {
    /// One for each day, of totals in the order of days.
    fn list(totals: Vec<RequestTotal>) -> Vec<Self> {
        let mut days: Vec<(Day, Self)> = Vec::new();
        for total in totals {
            if days.last().is_none_or(|(day, _)| *day != total.day) {
                let name = total.day.to_iso();
                days.push((
                    total.day,
                    Self {
                        name,
                        ..Self::default()
                    },
                ));
            }
            if let Some((_, day)) = days.last_mut() {
                let sum = match total.resource {
                    Resource::Flags => &mut day.flags,
                    Resource::Identities => &mut day.identities,
                    Resource::Traits => &mut day.traits,
                    Resource::EnvironmentDocument => &mut day.environment_document,
                };
                *sum += total.count;
            }
        }
        days.into_iter().map(|(_, day)| day).collect()
    }
}

/// How many requests there were.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageEvents {
    events: i64,
}

/// The requests of SDKs by day in the last 30 days. Deprecated: `usage-data/` also says who sent them.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/influx-data/", tag = "organisations",
    params(("project_id" = Option<i32>, Query), ("environment_id" = Option<i32>, Query)),
    responses((status = 200, body = InfluxData)))]
pub async fn events_list(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    _: Throttle<Rate>,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<InfluxData>, ApiError> {
    let EventsQuery(filter) = query.parse()?;
    let totals = use_cases::requests(&app, &on, filter).await?;
    let events_list = DayOfEvents::list(totals);
    Ok(Reply(InfluxData { events_list }))
}

/// How many requests of SDKs there were in the last 30 days. Deprecated: the same as `usage-data/total-count/`.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/usage/", tag = "organisations",
    responses((status = 200, body = UsageEvents)))]
pub async fn events(
    PrivilegedOrganisation(on): PrivilegedOrganisation,
    _: Throttle<Rate>,
    State(app): State<Arc<App>>,
) -> Result<Reply<UsageEvents>, ApiError> {
    let events = use_cases::total(&app, &on).await?;
    Ok(Reply(UsageEvents { events }))
}
