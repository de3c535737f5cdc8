//! The bodies of audit records.

use liftgate_app::audit::{AuditQuery, AuditView};
use liftgate_model::{EnvironmentId, ProjectId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::form::{Form, Parse, rule};
use crate::v1::environments::wire::BareEnvironment;
use crate::v1::projects::wire::ProjectBody;
use crate::v1::users::wire::UserSummary;

/// Longest text to search for.
const SEARCH_CHARACTERS: usize = 256;
/// Most environments to choose.
const ENVIRONMENTS: usize = 100;

/// An audit record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub struct AuditBody {
    id: i32,
    #[schema(value_type = String, format = DateTime)]
    created_date: Timestamp,
    /// What happened, in words.
    #[schema(example = "Environment updated: Production")]
    log: String,
    /// Null for keys, for the server itself, and for people without an account any more.
    author: Option<UserSummary>,
    environment: Option<BareEnvironment>,
    project: ProjectBody,
    related_object_id: Option<i32>,
    related_object_uuid: Option<String>,
    #[schema(example = "ENVIRONMENT")]
    related_object_type: &'static str,
    is_system_event: bool,
}

impl From<&AuditView> for AuditBody {
    fn from(view: &AuditView) -> Self {
        let record = &view.record;
        Self {
            id: record.id.0,
            created_date: record.created_at,
            log: record.log.clone(),
            author: view.author.as_ref().map(Into::into),
            environment: view.environment.as_ref().map(Into::into),
            project: (&view.project).into(),
            related_object_id: record.related_object_id,
            related_object_uuid: record.related_object_uuid.clone(),
            related_object_type: record.related_object.as_str(),
            is_system_event: record.is_system_event,
        }
    }
}

/// An audit record with what differs.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditDetail {
    #[serde(flatten)]
    record: AuditBody,
    /// A list of `{"field", "old", "new"}`.
    change_details: Value,
    /// `CREATE`, `UPDATE`, `DELETE` or `UNKNOWN`.
    change_type: &'static str,
}

impl From<&AuditView> for AuditDetail {
    fn from(view: &AuditView) -> Self {
        Self {
            record: view.into(),
            change_details: view.record.change_details.clone(),
            change_type: view.record.change_type.as_str(),
        }
    }
}

/// The query of the lists.
pub(super) struct Wanted(pub(super) AuditQuery);

impl Parse for Wanted {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let project = form.integer("project").optional();
        let environments = form
            .list("environments", rule::Integer::default())
            .max_items(ENVIRONMENTS)
            .optional();
        let is_system_event = form.boolean("is_system_event").nullable().optional();
        let search = form.text("search").max(SEARCH_CHARACTERS).blank().optional();
        let environments = environments?.unwrap_or_default();
        Some(Self(AuditQuery {
            project: project?.map(ProjectId),
            environments: environments.into_iter().map(EnvironmentId).collect(),
            search: search?.filter(|text| !text.is_empty()),
            is_system_event: is_system_event?,
        }))
    }
}
