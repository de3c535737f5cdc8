//! A new feature.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::CreateFeature;
use liftgate_app::features::{self, NewFeature};
use liftgate_model::feature::FeatureType;
use liftgate_model::{GroupId, TagId, UserId};
use serde_json::Value;
use utoipa::ToSchema;

use super::wire::{FeatureBody, OptionInput};
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{FieldError, Form, Mode, Parse, Rule, rule, wording};
use crate::reply::Created;
use crate::v1::value::TEXT_CHARACTERS;

/// Most characters of a name.
const NAME_CHARACTERS: usize = 2000;

/// A feature to be made.
#[derive(Debug, ToSchema)]
#[schema(as = NewFeature)]
pub struct FeatureInput {
    /// Name, unique in the project in any case.
    #[schema(max_length = 2000, example = "checkout")]
    name: String,
    /// `STANDARD`, the default, or `MULTIVARIATE`.
    #[schema(value_type = Option<String>, rename = "type", example = "MULTIVARIATE")]
    kind: FeatureType,
    /// The text states start from.
    #[schema(max_length = 20000, example = "control")]
    initial_value: Option<String>,
    /// Whether states start enabled.
    #[schema(required = false)]
    default_enabled: bool,
    /// Free text.
    description: Option<String>,
    /// Archived from the start.
    #[schema(required = false)]
    is_archived: bool,
    /// Whether client-side keys never see it.
    #[schema(required = false)]
    is_server_key_only: bool,
    /// Ids of tags of the project.
    #[schema(value_type = Option<Vec<i32>>)]
    tags: Vec<TagId>,
    /// Ids of people; without any, who makes it.
    #[schema(value_type = Option<Vec<i32>>)]
    owners: Vec<UserId>,
    /// Groups of the organisation.
    #[schema(required = false)]
    #[schema(value_type = Vec<i32>)]
    group_owners: Vec<GroupId>,
    /// Options; only project admins may give any.
    #[schema(required = false)]
    multivariate_options: Vec<OptionInput>,
}

impl Parse for FeatureInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(NAME_CHARACTERS).required();
        let kind = form.choice("type", FeatureType::parse).or(FeatureType::Standard);
        let initial_value = initial_value(form);
        let default_enabled = form.boolean("default_enabled").or(false);
        let description = form.text("description").blank().nullable().optional();
        let is_archived = form.boolean("is_archived").or(false);
        let is_server_key_only = form.boolean("is_server_key_only").or(false);
        let tags = form.ids("tags").or(Vec::new());
        let owners = form.ids("owners").or(Vec::new());
        let group_owners = form.ids("group_owners").or(Vec::new());
        let options = form.objects("multivariate_options").or(Vec::new());
        Some(Self {
            name: name?,
            kind: kind?,
            initial_value: initial_value?,
            default_enabled: default_enabled?,
            description: description?,
            is_archived: is_archived?,
            is_server_key_only: is_server_key_only?,
            tags: tags?,
            owners: owners?,
            group_owners: group_owners?,
            multivariate_options: options?,
        })
    }
}

/// Reads the initial value: text, or what has a text.
///
/// # Compatibility
/// `true` becomes `True`, numbers and filled lists and objects their text; `false` and empty lists and objects are
/// refused.
fn initial_value(form: &mut Form<'_>) -> Option<Option<String>> {
    const NAME: &str = "initial_value";
    let Some(value) = form.json(NAME).nullable().optional()? else {
        return Some(None);
    };
    let has_text = match &value {
        Value::Bool(truth) => *truth,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Null | Value::Number(_) | Value::String(_) => true,
    };
    let read = if has_text {
        let text = Value::from(wording::text(&value));
        rule::Text::default()
            .blank()
            .max(TEXT_CHARACTERS)
            .read(&text, Mode::Create)
    } else {
        Err(FieldError::text("Not a valid string."))
    };
    match read {
        Ok(text) => Some(Some(text)),
        Err(error) => {
            form.note(NAME, error);
            None
        }
    }
}

impl From<FeatureInput> for NewFeature {
    fn from(input: FeatureInput) -> Self {
        Self {
            name: input.name,
            kind: input.kind,
            initial_value: input.initial_value,
            default_enabled: input.default_enabled,
            description: input.description,
            is_archived: input.is_archived,
            is_server_key_only: input.is_server_key_only,
            tags: input.tags,
            owners: input.owners,
            group_owners: input.group_owners,
            options: input.multivariate_options.into_iter().map(Into::into).collect(),
        }
    }
}

/// Makes a feature, with its first state in every environment.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/", tag = "features", request_body = FeatureInput,
    responses((status = 201, body = FeatureBody)))]
pub async fn create(
    GuardedProject(on): GuardedProject<CreateFeature>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<FeatureBody>, ApiError> {
    let input: FeatureInput = body.parse(Mode::Create)?;
    Ok(Created::new(
        features::create(&app, &on, input.into()).await?.into(),
    ))
}
