//! The bodies of tags.

use liftgate_app::projects::{NewTag, TagChange};
use liftgate_model::project::Tag;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse, Patch};

const LABEL_CHARACTERS: usize = 100;
const COLOR_CHARACTERS: usize = 10;
const DESCRIPTION_CHARACTERS: usize = 512;
const DEFAULT_COLOR: &str = "#6837FC";

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagBody {
    id: i32,
    #[schema(example = "checkout")]
    label: String,
    #[schema(example = "#6837FC")]
    color: String,
    description: Option<String>,
    project: i32,
    uuid: Uuid,
    /// Features so tagged never count as stale.
    is_permanent: bool,
    /// Always false.
    is_system_tag: bool,
    /// Always `NONE`.
    #[serde(rename = "type")]
    kind: &'static str,
}

impl From<Tag> for TagBody {
    fn from(tag: Tag) -> Self {
        Self {
            id: tag.id.0,
            label: tag.label,
            color: tag.color,
            description: tag.description,
            project: tag.project.0,
            uuid: tag.uuid,
            is_permanent: tag.is_permanent,
            is_system_tag: false,
            kind: "NONE",
        }
    }
}

/// A tag to be made or changed.
#[derive(ToSchema)]
pub struct TagInput {
    #[schema(value_type = Option<String>)]
    label: Patch<String>,
    #[schema(value_type = Option<String>)]
    color: Patch<String>,
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[schema(value_type = Option<bool>)]
    is_permanent: Patch<bool>,
}

impl Parse for TagInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let label = form.text("label").max(LABEL_CHARACTERS).change_required();
        let color = form.text("color").max(COLOR_CHARACTERS).change();
        let description = form
            .text("description")
            .max(DESCRIPTION_CHARACTERS)
            .nullable()
            .blank()
            .change();
        let is_permanent = form.boolean("is_permanent").change();
        Some(Self {
            label: label?,
            color: color?,
            description: description?,
            is_permanent: is_permanent?,
        })
    }
}

impl From<TagInput> for TagChange {
    fn from(input: TagInput) -> Self {
        Self {
            label: input.label.value(),
            color: input.color.value(),
            description: input.description.change(),
            is_permanent: input.is_permanent.value(),
        }
    }
}

impl From<TagInput> for NewTag {
    fn from(input: TagInput) -> Self {
        Self {
            label: input.label.value().unwrap_or_default(),
            color: input.color.value().unwrap_or_else(|| DEFAULT_COLOR.to_owned()),
            description: input.description.value(),
            is_permanent: input.is_permanent.value().unwrap_or(false),
        }
    }
}
