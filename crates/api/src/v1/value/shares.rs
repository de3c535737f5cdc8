//! The shares of options within a feature state, as they stand beside its value.

use liftgate_app::flags::Shares;
use liftgate_model::OptionId;
use liftgate_model::feature_state::Allocation;
use serde::Serialize;
use utoipa::ToSchema;

use crate::form::{Form, Parse};

/// The share of one option.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = MultivariateFeatureStateValue)]
pub struct Share {
    /// The id of the row; variants are walked by it.
    pub id: i32,
    /// The id of the option.
    pub multivariate_feature_option: i32,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 30.0)]
    pub percentage_allocation: f64,
}

impl From<&Allocation> for Share {
    fn from(share: &Allocation) -> Self {
        Self {
            id: share.id.0,
            multivariate_feature_option: share.option.0,
            percentage_allocation: share.percentage,
        }
    }
}

/// The share of one option as it is written. An option has one row in a state, so the `id` of a row says nothing more.
#[derive(Debug, Clone, PartialEq, ToSchema)]
#[schema(as = NewMultivariateFeatureStateValue)]
pub struct NewShare {
    /// The id of the option.
    #[schema(value_type = i32)]
    pub multivariate_feature_option: OptionId,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 30.0)]
    pub percentage_allocation: f64,
}

impl Parse for NewShare {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let option = form.id("multivariate_feature_option").required();
        let percentage = form
            .number("percentage_allocation")
            .min(0.0)
            .max(100.0)
            .required();
        Some(Self {
            multivariate_feature_option: option?,
            percentage_allocation: percentage?,
        })
    }
}

impl From<NewShare> for (OptionId, f64) {
    fn from(share: NewShare) -> Self {
        (share.multivariate_feature_option, share.percentage_allocation)
    }
}

/// A list of shares as the change that leaves only those.
pub fn replacement(shares: Vec<NewShare>) -> Shares {
    Shares::Replace(shares.into_iter().map(Into::into).collect())
}
