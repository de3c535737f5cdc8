//! What was counted, for those who may know.

use crate::access::need::{Admin, ViewProject};
use crate::access::{OnOrganisation, OnProject};
use crate::{App, Error, Missing, Result, features};
use liftgate_model::usage::{Day, EvaluationCount, LabelsFilter};
use liftgate_model::{EnvironmentId, FeatureId, ProjectId};
use liftgate_store::usage::{self, RequestFilter, RequestTotal};

/// Days of usage that are told when nothing is said, today among them.
const USUAL_DAYS: i64 = 30;

/// The days to tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// The last 30 days.
    Usual,
    /// The last 90 days.
    NinetyDays,
    /// A month of a bill. There are no bills.
    Billing,
}

/// Which usage to tell.
#[derive(Debug, Clone)]
pub struct UsageFilter {
    /// That of one project.
    pub project: Option<ProjectId>,
    /// That of one environment.
    pub environment: Option<EnvironmentId>,
    /// When.
    pub period: Period,
    /// By whom.
    pub labels: LabelsFilter,
}

/// The requests of SDKs to an organisation's environments by day, labels and resource, in this order. What was counted in
/// the last seconds may be missing.
///
/// # Errors
/// `NotFound` for periods of bills.
pub async fn requests(
    app: &App,
    on: &OnOrganisation<Admin>,
    filter: UsageFilter,
) -> Result<Vec<RequestTotal>> {
    let days = match filter.period {
        Period::Usual => USUAL_DAYS,
        Period::NinetyDays => 90,
        Period::Billing => {
            let detail = "No billing periods found for this organisation.".to_owned();
            return Err(Error::NotFound(Missing::Text(detail)));
        }
    };
    let (after, until) = last(app, days);
    let filter = RequestFilter {
        organisation: on.organisation.id,
        project: filter.project,
        environment: filter.environment,
        after,
        until,
        labels: filter.labels,
    };
    Ok(usage::list_requests(&app.store.reader(), &filter).await?)
}

/// The requests of SDKs to an organisation's environments in the last 30 days.
pub async fn total(app: &App, on: &OnOrganisation<Admin>) -> Result<i64> {
    let (after, until) = last(app, USUAL_DAYS);
    let filter = RequestFilter {
        organisation: on.organisation.id,
        project: None,
        environment: None,
        after,
        until,
        labels: LabelsFilter::default(),
    };
    Ok(usage::count_requests(&app.store.reader(), &filter).await?)
}

/// The evaluations of a feature in an environment in so many last days, by day and labels.
///
/// # Errors
/// `NotFound` when the project has no such feature.
pub async fn evaluations(
    app: &App,
    on: &OnProject<ViewProject>,
    feature: FeatureId,
    environment: EnvironmentId,
    days: i64,
    labels: &LabelsFilter,
) -> Result<Vec<EvaluationCount>> {
    let reader = app.store.reader();
    let feature = features::load(&reader, on.project.id, feature).await?;
    Ok(usage::list_evaluations(&reader, environment, feature.id, last(app, days), labels).await?)
}

/// The day before so many last days, and today.
fn last(app: &App, days: i64) -> (Day, Day) {
    let today = Day::of(app.clock.now());
    (today.back(days), today)
}
