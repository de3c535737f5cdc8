//! The experiments of an environment.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::experiments::{self, ListFilter};
use liftgate_app::{Error, Invalid};
use liftgate_model::Page;
use liftgate_model::experiment::ExperimentStatus;
use serde_json::{Map, Value, json};

use super::wire::ExperimentBody;
use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Page999, Query};
use crate::reply::{Paged, Reply};

/// The experiments of an environment, newest first, each with its rollout; with the number in each status.
///
/// `status` may repeat; `q` is a part of the experiment's or the feature's name.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/", tag = "experiments",
    params(("environment_key" = String, Path), ("status" = Option<Vec<String>>, Query), ("q" = Option<String>, Query), Page999),
    responses((status = 200, body = Paged<ExperimentBody>)))]
pub async fn list(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<ExperimentBody>>, ApiError> {
    let name = query.get("q").map(str::to_owned).filter(|text| !text.is_empty());
    let filter = ListFilter {
        statuses: statuses(&query)?,
        name_contains: name,
    };
    let found = experiments::list(&app, &on, &filter, page.slice()).await?;
    let count = |status: &ExperimentStatus| {
        let count = found.status_counts.get(status).copied().unwrap_or_default();
        (status.as_str().to_owned(), Value::from(count))
    };
    let counts: Map<String, Value> = ExperimentStatus::ALL.iter().map(count).collect();
    let items = Page {
        total: found.total,
        items: found.items,
    }
    .map(ExperimentBody::from);
    Ok(Reply(page.paged(items)?.with("status_counts", counts)))
}

/// The statuses asked for, in any case; the index of each that is unknown is told.
fn statuses(query: &Query) -> Result<Vec<ExperimentStatus>, Error> {
    let mut statuses = Vec::new();
    let mut faults = Map::new();
    for (index, name) in query.all("status").enumerate() {
        match ExperimentStatus::parse(&name.to_lowercase()) {
            Some(status) => statuses.push(status),
            None => {
                faults.insert(
                    index.to_string(),
                    json!([format!("\"{name}\" is not a valid choice.")]),
                );
            }
        }
    }
    if faults.is_empty() {
        return Ok(statuses);
    }
    let mut fields = Map::new();
    fields.insert("status".into(), Value::Object(faults));
    Err(Error::Invalid(Invalid::Fields(fields)))
}
