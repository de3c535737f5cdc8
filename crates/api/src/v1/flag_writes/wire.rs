//! How bodies name a feature.

use liftgate_app::flags::write::FeatureRef;
use liftgate_model::FeatureId;
use utoipa::ToSchema;

use crate::form::{Form, Parse};

/// A feature: by name or by id, not both.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureName)]
pub struct FeatureInput {
    /// Its exact name.
    #[schema(example = "checkout")]
    name: Option<String>,
    /// Its id.
    id: Option<i32>,
}

impl Parse for FeatureInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").optional();
        let id = form.integer("id").optional();
        let (name, id) = (name?, id?);
        match (&name, &id) {
            (None, None) => {
                form.refuse_all("Either 'name' or 'id' is required for feature identification");
                None
            }
            (Some(_), Some(_)) => {
                form.refuse_all("Provide either 'name' or 'id', not both");
                None
            }
            _ => Some(Self { name, id }),
        }
    }
}

impl From<FeatureInput> for FeatureRef {
    fn from(input: FeatureInput) -> Self {
        match input.name {
            Some(name) => Self::Name(name),
            None => Self::Id(FeatureId(input.id.unwrap_or_default())),
        }
    }
}
