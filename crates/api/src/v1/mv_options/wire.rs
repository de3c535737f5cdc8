//! What options look like on the wire.

use liftgate_app::options::{NewOption, OptionChange};
use liftgate_model::FeatureId;
use liftgate_model::feature::MultivariateOption;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use crate::form::{Form, Parse, Patch};
use crate::v1::features::wire::OptionBody;
use crate::v1::value::{NewColumns, beside_columns};

/// Most characters of a key.
const KEY_CHARACTERS: usize = 255;

/// An option with its feature.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MultivariateOption)]
pub struct OptionWithFeature {
    /// The option.
    #[serde(flatten)]
    pub option: OptionBody,
    /// The id of the feature.
    pub feature: i32,
}

impl From<MultivariateOption> for OptionWithFeature {
    fn from(option: MultivariateOption) -> Self {
        Self {
            feature: option.feature.0,
            option: option.into(),
        }
    }
}

/// An option to be made or changed.
#[derive(Debug)]
pub struct OptionInput {
    fields: OptionFields,
    value: NewColumns,
}

/// What stands beside the value.
#[derive(Debug, ToSchema)]
pub struct OptionFields {
    /// The id of the feature: the one of the path.
    #[schema(value_type = i32)]
    feature: Patch<FeatureId>,
    /// The name of the variant, unique in the feature; `control` is taken.
    #[schema(value_type = Option<String>, max_length = 255, pattern = "^[-a-zA-Z0-9_]+$", example = "green")]
    key: Patch<String>,
    /// The share environments start from, 0 to 100; at first 100.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, example = 30.0)]
    default_percentage_allocation: Patch<f64>,
}

impl PartialSchema for OptionInput {
    fn schema() -> RefOr<Schema> {
        beside_columns::<OptionFields>()
    }
}

impl ToSchema for OptionInput {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MultivariateOptionInput")
    }
}

impl Parse for OptionInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.id("feature").change_required();
        let key = form
            .text("key")
            .max(KEY_CHARACTERS)
            .matching(is_slug, NO_SLUG)
            .nullable()
            .change();
        let value = NewColumns::parse(form);
        let share = form
            .number("default_percentage_allocation")
            .min(0.0)
            .max(100.0)
            .change();
        Some(Self {
            fields: OptionFields {
                feature: feature?,
                key: key?,
                default_percentage_allocation: share?,
            },
            value: value?,
        })
    }
}

const NO_SLUG: &str =
    "Enter a valid \u{201c}slug\u{201d} consisting of letters, numbers, underscores or hyphens.";

fn is_slug(text: &str) -> bool {
    text.bytes()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-')
}

impl OptionInput {
    /// As a new option of the feature of the path.
    pub fn into_new(self, feature: FeatureId) -> NewOption {
        NewOption {
            feature: self.fields.feature.value().unwrap_or(feature),
            key: self.fields.key.value(),
            value: self.value.into(),
            default_percentage_allocation: self.fields.default_percentage_allocation.value().unwrap_or(100.0),
        }
    }
}

impl From<OptionInput> for OptionChange {
    fn from(input: OptionInput) -> Self {
        Self {
            feature: input.fields.feature.value(),
            key: input.fields.key.change(),
            value: input.value.into(),
            default_percentage_allocation: input.fields.default_percentage_allocation.value(),
        }
    }
}
