//! The bodies of projects.

use liftgate_app::projects::{NewProject, ProjectChange, ProjectTotals};
use liftgate_model::OrganisationId;
use liftgate_model::project::Project;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};

/// Longest name and pattern.
const NAME_CHARACTERS: usize = 2_000;
const PATTERN_CHARACTERS: usize = 255;

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Project)]
pub struct ProjectBody {
    id: i32,
    uuid: Uuid,
    #[schema(example = "Web")]
    name: String,
    organisation: i32,
    hide_disabled_flags: bool,
    enable_dynamo_db: bool,
    migration_status: &'static str,
    use_edge_identities: bool,
    prevent_flag_defaults: bool,
    enable_realtime_updates: bool,
    only_allow_lower_case_feature_names: bool,
    feature_name_regex: Option<String>,
    show_edge_identity_overrides_for_feature: bool,
    stale_flags_limit_days: i32,
    edge_v2_migration_status: &'static str,
    minimum_change_request_approvals: Option<i32>,
    enforce_feature_owners: bool,
}

impl From<&Project> for ProjectBody {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id.0,
            uuid: project.uuid,
            name: project.name.clone(),
            organisation: project.organisation.0,
            hide_disabled_flags: project.hide_disabled_flags,
            enable_dynamo_db: false,
            migration_status: "NOT_APPLICABLE",
            use_edge_identities: false,
            prevent_flag_defaults: project.prevent_flag_defaults,
            enable_realtime_updates: project.enable_realtime_updates,
            only_allow_lower_case_feature_names: project.only_allow_lower_case_feature_names,
            feature_name_regex: project.feature_name_regex.clone(),
            show_edge_identity_overrides_for_feature: false,
            stale_flags_limit_days: project.stale_flags_limit_days,
            edge_v2_migration_status: "NOT_STARTED",
            minimum_change_request_approvals: project.minimum_change_request_approvals,
            enforce_feature_owners: project.enforce_feature_owners,
        }
    }
}

/// A project with how much is in it. The limits are those of the reference, and not enforced.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProjectDetail {
    #[serde(flatten)]
    project: ProjectBody,
    max_segments_allowed: i32,
    max_features_allowed: i32,
    max_segment_overrides_allowed: i32,
    total_features: u64,
    /// System segments included.
    total_segments: u64,
}

impl ProjectDetail {
    pub(super) fn new(project: &Project, totals: ProjectTotals) -> Self {
        Self {
            project: project.into(),
            max_segments_allowed: 500,
            max_features_allowed: 1_000,
            max_segment_overrides_allowed: 2_000,
            total_features: totals.features,
            total_segments: totals.segments,
        }
    }
}

/// The organisation a new project is for.
pub(super) struct Owner(pub(super) OrganisationId);

impl Parse for Owner {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.id("organisation").required().map(Self)
    }
}

/// A project to be made.
#[derive(ToSchema)]
pub struct NewProjectInput {
    /// The organisation; it cannot change.
    #[schema(value_type = i32)]
    #[expect(dead_code, reason = "read apart, before the rest is looked at")]
    organisation: OrganisationId,
    #[serde(flatten)]
    settings: ProjectInput,
}

impl Parse for NewProjectInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let settings = ProjectInput::parse(form);
        let Owner(organisation) = Owner::parse(form)?;
        Some(Self {
            organisation,
            settings: settings?,
        })
    }
}

impl From<NewProjectInput> for NewProject {
    fn from(input: NewProjectInput) -> Self {
        let settings: ProjectChange = input.settings.into();
        Self {
            name: settings.name.clone().unwrap_or_default(),
            settings,
        }
    }
}

/// What may be changed about a project.
#[derive(ToSchema)]
pub struct ProjectInput {
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[schema(value_type = Option<bool>)]
    hide_disabled_flags: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    prevent_flag_defaults: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    enable_realtime_updates: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    only_allow_lower_case_feature_names: Patch<bool>,
    #[schema(value_type = Option<String>)]
    feature_name_regex: Patch<String>,
    #[schema(value_type = Option<i32>)]
    stale_flags_limit_days: Patch<i32>,
    #[schema(value_type = Option<i32>)]
    minimum_change_request_approvals: Patch<i32>,
    #[schema(value_type = Option<bool>)]
    enforce_feature_owners: Patch<bool>,
}

impl Parse for ProjectInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let hide_disabled_flags = form.boolean("hide_disabled_flags").change();
        let prevent_flag_defaults = form.boolean("prevent_flag_defaults").change();
        let enable_realtime_updates = form.boolean("enable_realtime_updates").change();
        let lower_case = form.boolean("only_allow_lower_case_feature_names").change();
        let pattern = form
            .text("feature_name_regex")
            .max(PATTERN_CHARACTERS)
            .nullable()
            .blank()
            .change();
        let stale_days = form.integer("stale_flags_limit_days").change();
        let approvals = form
            .integer("minimum_change_request_approvals")
            .nullable()
            .change();
        let enforce_owners = form.boolean("enforce_feature_owners").change();
        Some(Self {
            name: name?,
            hide_disabled_flags: hide_disabled_flags?,
            prevent_flag_defaults: prevent_flag_defaults?,
            enable_realtime_updates: enable_realtime_updates?,
            only_allow_lower_case_feature_names: lower_case?,
            feature_name_regex: pattern?,
            stale_flags_limit_days: stale_days?,
            minimum_change_request_approvals: approvals?,
            enforce_feature_owners: enforce_owners?,
        })
    }
}

impl From<ProjectInput> for ProjectChange {
    fn from(input: ProjectInput) -> Self {
        Self {
            name: input.name.value(),
            hide_disabled_flags: input.hide_disabled_flags.value(),
            prevent_flag_defaults: input.prevent_flag_defaults.value(),
            enable_realtime_updates: input.enable_realtime_updates.value(),
            only_allow_lower_case_feature_names: input.only_allow_lower_case_feature_names.value(),
            feature_name_regex: input.feature_name_regex.change(),
            stale_flags_limit_days: input.stale_flags_limit_days.value(),
            minimum_change_request_approvals: input.minimum_change_request_approvals.change(),
            enforce_feature_owners: input.enforce_feature_owners.value(),
        }
    }
}
