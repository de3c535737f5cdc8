//! What a whole flag looks like on the wire.

use liftgate_app::flags::whole::{OverrideChange, StateChange, WholeChange, WholeFlag};
use liftgate_model::feature_state::FeatureState;
use liftgate_model::{FlagValue, OptionId, SegmentId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse};
use crate::v1::value::{AnyTypedText, TypedText};

/// A flag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Flag)]
pub struct FlagBody {
    /// For everybody.
    pub environment_default: DefaultBody,
    /// For segments, strongest first.
    pub segment_overrides: Vec<OverrideBody>,
}

/// What a flag does for everybody.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagDefault)]
pub struct DefaultBody {
    /// On or off.
    pub enabled: bool,
    /// The value; for multivariate features the control value.
    pub value: Option<TypedText>,
    /// The shares of the options, by option.
    pub variants: Vec<VariantBody>,
}

/// What a flag does for a segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagOverride)]
pub struct OverrideBody {
    /// The segment.
    pub segment: SegmentBody,
    /// 0 is the strongest.
    pub priority: i32,
    /// On or off.
    pub enabled: bool,
    /// The value; for multivariate features the control value.
    pub value: Option<TypedText>,
    /// The shares of the options, by option.
    pub variants: Vec<VariantBody>,
}

/// A segment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagSegment)]
pub struct SegmentBody {
    /// Its id.
    pub id: i32,
}

/// The share of an option.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FlagVariant)]
pub struct VariantBody {
    /// The id of the option.
    pub id: i32,
    /// 0 to 100.
    #[schema(example = 30.0)]
    pub weight: f64,
}

impl From<WholeFlag> for FlagBody {
    fn from(flag: WholeFlag) -> Self {
        Self {
            environment_default: DefaultBody {
                enabled: flag.default.enabled,
                value: value(&flag.default.value),
                variants: variants(&flag.default),
            },
            segment_overrides: flag.overrides.iter().filter_map(override_body).collect(),
        }
    }
}

fn override_body(state: &FeatureState) -> Option<OverrideBody> {
    let link = state.feature_segment.as_ref()?;
    Some(OverrideBody {
        segment: SegmentBody { id: link.segment.0 },
        priority: link.priority,
        enabled: state.enabled,
        value: value(&state.value),
        variants: variants(state),
    })
}

fn value(value: &FlagValue) -> Option<TypedText> {
    (*value != FlagValue::Null).then(|| TypedText::of(value))
}

fn variants(state: &FeatureState) -> Vec<VariantBody> {
    let mut shares: Vec<_> = state.allocations.iter().collect();
    shares.sort_by_key(|share| share.option);
    let variant = |share: &liftgate_model::feature_state::Allocation| VariantBody {
        id: share.option.0,
        weight: share.percentage,
    };
    shares.into_iter().map(variant).collect()
}

/// Parts of a flag to be written.
#[derive(Debug, ToSchema)]
#[schema(as = FlagChange)]
pub struct FlagInput {
    /// For everybody.
    environment_default: Option<StateInput>,
    /// For segments, each once.
    segment_overrides: Option<Vec<OverrideInput>>,
}

/// What a flag is to do.
#[derive(Debug, Default, ToSchema)]
#[schema(as = FlagStateChange)]
pub struct StateInput {
    /// On or off.
    enabled: Option<bool>,
    /// The value.
    value: Option<TypedText>,
    /// The shares of all options.
    variants: Option<Vec<VariantInput>>,
}

/// What a flag is to do for a segment.
#[derive(Debug, ToSchema)]
#[schema(as = FlagOverrideChange)]
pub struct OverrideInput {
    /// The segment.
    segment: SegmentInput,
    /// 0 is the strongest; a new override without one has its place in the list.
    #[schema(minimum = 0)]
    priority: Option<i32>,
    /// On or off.
    enabled: Option<bool>,
    /// The value.
    value: Option<TypedText>,
    /// The shares of all options.
    variants: Option<Vec<VariantInput>>,
}

/// A segment.
#[derive(Debug, ToSchema)]
#[schema(as = FlagSegmentInput)]
pub struct SegmentInput {
    /// Its id.
    id: i32,
}

/// The share of an option.
#[derive(Debug, ToSchema)]
#[schema(as = FlagVariantInput)]
pub struct VariantInput {
    /// The id of the option.
    id: i32,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 30.0)]
    weight: f64,
}

impl Parse for FlagInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let default = form.nested("environment_default").optional();
        let overrides = form.objects("segment_overrides").optional();
        Some(Self {
            environment_default: default?,
            segment_overrides: overrides?,
        })
    }
}

impl Parse for StateInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let enabled = if form.has("enabled") {
            form.boolean("enabled").optional()
        } else {
            Some(None)
        };
        let value = typed_text(form);
        let variants = form.objects("variants").optional();
        Some(Self {
            enabled: enabled?,
            value: value?,
            variants: variants?,
        })
    }
}

/// Reads the value. A text that is not of its type is a complaint about the value as a whole, not about its parts.
fn typed_text(form: &mut Form<'_>) -> Option<Option<TypedText>> {
    let Some(given) = form.nested::<AnyTypedText>("value").optional()? else {
        return Some(None);
    };
    match given.checked() {
        Ok(text) => Some(Some(text)),
        Err(complaint) => {
            form.refuse("value", complaint);
            None
        }
    }
}

impl Parse for OverrideInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let segment = form.nested("segment").required();
        let priority = form.integer("priority").min(0).optional();
        let state = StateInput::parse(form);
        let (segment, priority, state) = (segment?, priority?, state?);
        Some(Self {
            segment,
            priority,
            enabled: state.enabled,
            value: state.value,
            variants: state.variants,
        })
    }
}

impl Parse for SegmentInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").required();
        Some(Self { id: id? })
    }
}

impl Parse for VariantInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").required();
        let weight = form.number("weight").min(0.0).max(100.0).required();
        Some(Self {
            id: id?,
            weight: weight?,
        })
    }
}

impl From<FlagInput> for WholeChange {
    fn from(input: FlagInput) -> Self {
        let overrides = input.segment_overrides;
        Self {
            default: input.environment_default.map(Into::into),
            overrides: overrides.map(|overrides| overrides.into_iter().map(Into::into).collect()),
        }
    }
}

impl From<StateInput> for StateChange {
    fn from(input: StateInput) -> Self {
        let weight = |variant: VariantInput| (OptionId(variant.id), variant.weight);
        Self {
            enabled: input.enabled,
            value: input.value.map(Into::into),
            weights: input.variants.map(|all| all.into_iter().map(weight).collect()),
        }
    }
}

impl From<OverrideInput> for OverrideChange {
    fn from(input: OverrideInput) -> Self {
        Self {
            segment: SegmentId(input.segment.id),
            priority: input.priority,
            state: StateInput {
                enabled: input.enabled,
                value: input.value,
                variants: input.variants,
            }
            .into(),
        }
    }
}
