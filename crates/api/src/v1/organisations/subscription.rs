//! The plan of an organisation: without limits, because Liftgate has no others. Clients unlock what they show by these
//! values, and those that gate features need a plan whose name begins with `enterprise`.

use liftgate_app::access::need::Admin;
use liftgate_model::account::Organisation as OrganisationModel;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::access::Organisation;
use crate::reply::Reply;

/// As many as nobody has.
const UNLIMITED: i32 = 1_000_000_000;

/// The plan in the body of an organisation. Everything about billing is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub struct SubscriptionBody {
    /// The id of the organisation: there is one plan for each.
    id: i32,
    has_active_billing_periods: bool,
    deleted_at: Option<String>,
    /// The public id of the organisation.
    uuid: Uuid,
    subscription_id: Option<String>,
    subscription_date: Option<String>,
    plan: &'static str,
    max_seats: i32,
    max_api_calls: i32,
    cancellation_date: Option<String>,
    customer_id: Option<String>,
    billing_status: Option<String>,
    payment_method: Option<String>,
    notes: Option<String>,
}

impl SubscriptionBody {
    pub(super) fn of(organisation: &OrganisationModel) -> Self {
        Self {
            id: organisation.id.0,
            has_active_billing_periods: false,
            deleted_at: None,
            uuid: organisation.uuid,
            subscription_id: None,
            subscription_date: None,
            plan: "enterprise",
            max_seats: UNLIMITED,
            max_api_calls: UNLIMITED,
            cancellation_date: None,
            customer_id: None,
            billing_status: None,
            payment_method: None,
            notes: None,
        }
    }
}

/// The limits of a plan; null is none.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionMetadata {
    max_seats: i32,
    max_api_calls: i32,
    max_projects: Option<i32>,
    payment_source: Option<String>,
    chargebee_email: Option<String>,
    feature_history_visibility_days: Option<i32>,
    audit_log_visibility_days: Option<i32>,
}

/// The limits of the organisation's plan.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/get-subscription-metadata/",
    tag = "organisations", responses((status = 200, body = SubscriptionMetadata)))]
pub async fn metadata(_: Organisation<Admin>) -> Reply<SubscriptionMetadata> {
    Reply(SubscriptionMetadata {
        max_seats: UNLIMITED,
        max_api_calls: UNLIMITED,
        max_projects: None,
        payment_source: None,
        chargebee_email: None,
        feature_history_visibility_days: None,
        audit_log_visibility_days: None,
    })
}
