//! The bodies of environments.

use liftgate_app::environments::{EnvironmentChange, NewEnvironment};
use liftgate_model::ProjectId;
use liftgate_model::environment::Environment;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};

const NAME_CHARACTERS: usize = 2_000;
const KEY_CHARACTERS: usize = 100;
const DESCRIPTION_CHARACTERS: usize = 20_000;
const BANNER_CHARACTERS: usize = 255;
const COLOUR_CHARACTERS: usize = 7;

/// An environment without custom fields, as it is nested in other bodies.
#[derive(Debug, Serialize, ToSchema)]
pub struct BareEnvironment {
    id: i32,
    uuid: Uuid,
    #[schema(example = "Production")]
    name: String,
    /// The client-side key.
    #[schema(example = "a3CkJY7EFwNTr7YPhYF9kH")]
    api_key: String,
    description: Option<String>,
    project: i32,
    minimum_change_request_approvals: Option<i32>,
    allow_client_traits: bool,
    banner_text: Option<String>,
    banner_colour: Option<String>,
    hide_disabled_flags: Option<bool>,
    /// The same as `use_identity_composite_key_for_hashing`.
    use_mv_v2_evaluation: bool,
    use_identity_composite_key_for_hashing: bool,
    hide_sensitive_data: bool,
    use_v2_feature_versioning: bool,
    use_identity_overrides_in_local_eval: bool,
    /// Always false: an environment is complete when it is answered.
    is_creating: bool,
}

impl From<&Environment> for BareEnvironment {
    fn from(environment: &Environment) -> Self {
        Self {
            id: environment.id.0,
            uuid: environment.uuid,
            name: environment.name.clone(),
            api_key: environment.api_key.clone(),
            description: environment.description.clone(),
            project: environment.project.0,
            minimum_change_request_approvals: environment.minimum_change_request_approvals,
            allow_client_traits: environment.allow_client_traits,
            banner_text: environment.banner_text.clone(),
            banner_colour: environment.banner_colour.clone(),
            hide_disabled_flags: environment.hide_disabled_flags,
            use_mv_v2_evaluation: environment.use_identity_composite_key_for_hashing,
            use_identity_composite_key_for_hashing: environment.use_identity_composite_key_for_hashing,
            hide_sensitive_data: environment.hide_sensitive_data,
            use_v2_feature_versioning: environment.use_v2_feature_versioning,
            use_identity_overrides_in_local_eval: environment.use_identity_overrides_in_local_eval,
            is_creating: false,
        }
    }
}

/// An environment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Environment)]
pub struct EnvironmentBody {
    #[serde(flatten)]
    environment: BareEnvironment,
    /// Always empty.
    metadata: Vec<Value>,
}

impl From<&Environment> for EnvironmentBody {
    fn from(environment: &Environment) -> Self {
        Self {
            environment: environment.into(),
            metadata: Vec::new(),
        }
    }
}

/// An environment with how many segment overrides are in force in it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnvironmentDetail {
    #[serde(flatten)]
    environment: EnvironmentBody,
    total_segment_overrides: usize,
}

impl EnvironmentDetail {
    pub(super) fn new(environment: &Environment, total_segment_overrides: usize) -> Self {
        Self {
            environment: environment.into(),
            total_segment_overrides,
        }
    }
}

/// The project a new environment is for.
pub(super) struct Place(pub(super) ProjectId);

impl Parse for Place {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.integer("project").required().map(ProjectId).map(Self)
    }
}

/// An environment to be made.
#[derive(ToSchema)]
pub struct NewEnvironmentInput {
    /// The project; it cannot change.
    #[schema(value_type = i32)]
    #[expect(dead_code, reason = "read apart, before the rest is looked at")]
    project: ProjectId,
    #[serde(flatten)]
    settings: EnvironmentInput,
}

impl Parse for NewEnvironmentInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let settings = EnvironmentInput::parse(form);
        let Place(project) = Place::parse(form)?;
        Some(Self {
            project,
            settings: settings?,
        })
    }
}

impl From<NewEnvironmentInput> for NewEnvironment {
    fn from(input: NewEnvironmentInput) -> Self {
        let settings: EnvironmentChange = input.settings.into();
        Self {
            name: settings.name.clone().unwrap_or_default(),
            settings,
        }
    }
}

/// What may be changed about an environment.
#[derive(ToSchema)]
pub struct EnvironmentInput {
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// The client-side key; SDKs with the old one are refused from now on.
    #[schema(value_type = Option<String>)]
    api_key: Patch<String>,
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[schema(value_type = Option<i32>)]
    minimum_change_request_approvals: Patch<i32>,
    #[schema(value_type = Option<bool>)]
    allow_client_traits: Patch<bool>,
    #[schema(value_type = Option<String>)]
    banner_text: Patch<String>,
    #[schema(value_type = Option<String>)]
    banner_colour: Patch<String>,
    #[schema(value_type = Option<bool>)]
    hide_disabled_flags: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    use_identity_composite_key_for_hashing: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    hide_sensitive_data: Patch<bool>,
    #[schema(value_type = Option<bool>)]
    use_identity_overrides_in_local_eval: Patch<bool>,
}

impl Parse for EnvironmentInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).change_required();
        let api_key = form.text("api_key").max(KEY_CHARACTERS).change();
        let description = form
            .text("description")
            .max(DESCRIPTION_CHARACTERS)
            .nullable()
            .blank()
            .change();
        let approvals = form
            .integer("minimum_change_request_approvals")
            .nullable()
            .change();
        let allow_client_traits = form.boolean("allow_client_traits").change();
        let banner_text = form
            .text("banner_text")
            .max(BANNER_CHARACTERS)
            .nullable()
            .blank()
            .change();
        let banner_colour = form
            .text("banner_colour")
            .max(COLOUR_CHARACTERS)
            .nullable()
            .blank()
            .change();
        let hide_disabled_flags = form.boolean("hide_disabled_flags").nullable().change();
        let composite_key = form.boolean("use_identity_composite_key_for_hashing").change();
        let hide_sensitive_data = form.boolean("hide_sensitive_data").change();
        let overrides = form.boolean("use_identity_overrides_in_local_eval").change();
        Some(Self {
            name: name?,
            api_key: api_key?,
            description: description?,
            minimum_change_request_approvals: approvals?,
            allow_client_traits: allow_client_traits?,
            banner_text: banner_text?,
            banner_colour: banner_colour?,
            hide_disabled_flags: hide_disabled_flags?,
            use_identity_composite_key_for_hashing: composite_key?,
            hide_sensitive_data: hide_sensitive_data?,
            use_identity_overrides_in_local_eval: overrides?,
        })
    }
}

impl From<EnvironmentInput> for EnvironmentChange {
    fn from(input: EnvironmentInput) -> Self {
        Self {
            name: input.name.value(),
            api_key: input.api_key.value(),
            description: input.description.change(),
            minimum_change_request_approvals: input.minimum_change_request_approvals.change(),
            allow_client_traits: input.allow_client_traits.value(),
            banner_text: input.banner_text.change(),
            banner_colour: input.banner_colour.change(),
            hide_disabled_flags: input.hide_disabled_flags.change(),
            use_identity_composite_key_for_hashing: input.use_identity_composite_key_for_hashing.value(),
            hide_sensitive_data: input.hide_sensitive_data.value(),
            use_identity_overrides_in_local_eval: input.use_identity_overrides_in_local_eval.value(),
        }
    }
}

/// The name of a copy. `clone_feature_states_async` is accepted; a copy is always complete when it is answered.
#[derive(ToSchema)]
pub struct CloneInput {
    pub(super) name: String,
}

impl Parse for CloneInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).required();
        let in_background = form.boolean("clone_feature_states_async").or(false);
        in_background?;
        Some(Self { name: name? })
    }
}

/// A copy.
#[derive(Debug, Serialize, ToSchema)]
pub struct CloneBody {
    id: i32,
    name: String,
    api_key: String,
    project: i32,
}

impl From<Environment> for CloneBody {
    fn from(environment: Environment) -> Self {
        Self {
            id: environment.id.0,
            name: environment.name,
            api_key: environment.api_key,
            project: environment.project.0,
        }
    }
}
