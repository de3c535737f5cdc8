//! Usage on the wire.

use liftgate_app::usage::{Period, RequestTotal, UsageFilter};
use liftgate_model::usage::{Labels, LabelsFilter, Resource};
use liftgate_model::{EnvironmentId, ProjectId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse};

/// Who sent requests, by their own word; null is unknown.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageLabels {
    /// The SDK and its version: `flagsmith-js-sdk/12.4.0`.
    user_agent: Option<String>,
    client_application_name: Option<String>,
    client_application_version: Option<String>,
}

impl From<Labels> for UsageLabels {
    fn from(labels: Labels) -> Self {
        let told = |text: String| Some(text).filter(|text| !text.is_empty());
        Self {
            user_agent: told(labels.user_agent),
            client_application_name: told(labels.client_application_name),
            client_application_version: told(labels.client_application_version),
        }
    }
}

/// Reads the labels to look for from a query.
pub(in crate::v1) fn labels_filter(form: &mut Form<'_>) -> Option<LabelsFilter> {
    let user_agent = form.text("user_agent").optional();
    let client_application_name = form.text("client_application_name").optional();
    let client_application_version = form.text("client_application_version").optional();
    Some(LabelsFilter {
        user_agent: user_agent?,
        client_application_name: client_application_name?,
        client_application_version: client_application_version?,
    })
}

/// What usage is asked for.
pub(super) struct UsageQuery(pub(super) UsageFilter);

impl Parse for UsageQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let project = form.integer("project_id").optional();
        let environment = form.integer("environment_id").optional();
        let period = form.choice("period", period).or(Period::Usual);
        let labels = labels_filter(form);
        Some(Self(UsageFilter {
            project: project?.map(ProjectId),
            environment: environment?.map(EnvironmentId),
            period: period?,
            labels: labels?,
        }))
    }
}

/// What usage is asked for where there is no choice of days and labels.
pub(super) struct EventsQuery(pub(super) UsageFilter);

impl Parse for EventsQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let project = form.integer("project_id").optional();
        let environment = form.integer("environment_id").optional();
        Some(Self(UsageFilter {
            project: project?.map(ProjectId),
            environment: environment?.map(EnvironmentId),
            period: Period::Usual,
            labels: LabelsFilter::default(),
        }))
    }
}

fn period(name: &str) -> Option<Period> {
    match name {
        "current_billing_period" | "previous_billing_period" => Some(Period::Billing),
        "90_day_period" => Some(Period::NinetyDays),
        _ => None,
    }
}

/// The requests of a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageData {
    /// `YYYY-MM-DD`.
    day: String,
    flags: i64,
    identities: i64,
    traits: i64,
    environment_document: i64,
    labels: UsageLabels,
}

impl UsageData {
    /// One item for each day and labels, of totals in the order of these.
    pub(super) fn list(totals: Vec<RequestTotal>) -> Vec<Self> {
        let mut items: Vec<Self> = Vec::new();
        let mut last = None;
        for total in totals {
            let key = (total.day, total.labels);
            if last.as_ref() != Some(&key) {
                items.push(Self {
                    day: key.0.to_iso(),
                    flags: 0,
                    identities: 0,
                    traits: 0,
                    environment_document: 0,
                    labels: key.1.clone().into(),
                });
                last = Some(key);
            }
            if let Some(item) = items.last_mut() {
                match total.resource {
                    Resource::Flags => item.flags += total.count,
                    Resource::Identities => item.identities += total.count,
                    Resource::Traits => item.traits += total.count,
                    Resource::EnvironmentDocument => item.environment_document += total.count,
                }
            }
        }
        items
    }
}

/// How many requests there were.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageTotalCount {
    pub(super) count: i64,
}
