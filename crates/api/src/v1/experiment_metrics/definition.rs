//! What a definition looks like on the wire, for the document of the API. It is read by the use-cases' own rules.

use serde_json::Value;
use utoipa::ToSchema;

/// What a metric is computed from. Of version 1 only `version` and `event` mean something, and other members are kept; of
/// version 2 the members are those below and no others, and at least one beside these two is there.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricDefinition, examples(
    json!({"version": 1, "event": "purchase"}),
    json!({"version": 2, "event": "purchase", "covariate": {"look_back_days": 28}}),
    json!({"version": 2, "event": "purchase", "denominator": {"event": "purchase", "aggregation": "count"}}),
    json!({"version": 2, "event": "purchase", "denominator": {"event": "visit", "aggregation": "count"}, "covariate": {}}),
    json!({"version": 2, "event": "purchase", "cap": {"upper_percentile": 99.9}}),
    json!({"version": 2, "event": "visit", "window": {"from_days": 7, "until_days": 14}}),
    json!({"version": 2, "event": "purchase", "filter": {"min_value": 1, "metadata": {"currency": "EUR"}}}),
    json!({"version": 2, "event": "page_load", "quantile": {"level": 0.9, "of": "event"}}),
))]
pub struct DefinitionBody {
    /// The version of this object: 1 or 2.
    #[schema(example = 2)]
    version: u8,
    /// The name of the events.
    #[schema(min_length = 1, example = "purchase")]
    event: String,
    /// Which of them count.
    #[schema(required = false)]
    filter: DefinitionFilter,
    /// When they have to happen.
    #[schema(required = false)]
    window: DefinitionWindow,
    /// How far the number of an identity counts; not for `occurrence`.
    #[schema(required = false)]
    cap: DefinitionCap,
    /// Makes it a ratio of sums; not for `mean`.
    #[schema(required = false)]
    denominator: DefinitionDenominator,
    /// What identities did before their exposure; `null` for none. Without it `count`, `sum` and `mean` have one of 14 days,
    /// but not a ratio and not a quantile.
    #[schema(required = false, nullable)]
    covariate: DefinitionCovariate,
    /// Makes it a quantile in place of a mean; without `cap`, `denominator` and `covariate`.
    #[schema(required = false)]
    quantile: DefinitionQuantile,
}

/// An order statistic of each variant.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricQuantile)]
pub struct DefinitionQuantile {
    /// Which one: 0.5 is the median.
    #[schema(exclusive_minimum = 0, exclusive_maximum = 1, example = 0.9)]
    level: f64,
    /// `identity`: of the numbers of the identities, by `count`, `sum` or `mean`. `event`: of the values of their events, by
    /// `sum`.
    #[schema(example = "identity")]
    of: String,
    /// Whether numbers, or values, of 0 are left out.
    #[schema(required = false, default = false)]
    ignore_zeros: bool,
}

/// Which events count: those that meet every condition.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricFilter)]
pub struct DefinitionFilter {
    /// The least value; a value that is no number counts as 0.
    #[schema(required = false, example = 1.0)]
    min_value: f64,
    /// The greatest value.
    #[schema(required = false, example = 1000.0)]
    max_value: f64,
    /// Members that the metadata must have: at most 10, texts or booleans.
    #[schema(required = false, value_type = Object, example = json!({"currency": "EUR"}))]
    metadata: Value,
}

/// Days after the identity's first exposure, of 24 hours. An identity counts once its window is over.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricWindow)]
pub struct DefinitionWindow {
    /// The first day.
    #[schema(minimum = 0, maximum = 364, example = 7)]
    from_days: u16,
    /// The first day that is outside.
    #[schema(minimum = 1, maximum = 365, example = 14)]
    until_days: u16,
}

/// Thresholds, at least one and one at most of each side. Percentiles are those of the numbers other than 0 of all variants.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricCap)]
pub struct DefinitionCap {
    /// Numbers below become this.
    #[schema(required = false)]
    lower_value: f64,
    /// Numbers below this percentile become it.
    #[schema(required = false, exclusive_minimum = 0, exclusive_maximum = 100)]
    lower_percentile: f64,
    /// Numbers above become this.
    #[schema(required = false)]
    upper_value: f64,
    /// Numbers above this percentile become it.
    #[schema(
        required = false,
        exclusive_minimum = 0,
        exclusive_maximum = 100,
        example = 99.9
    )]
    upper_percentile: f64,
}

/// The denominator of a ratio.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricDenominator)]
pub struct DefinitionDenominator {
    /// The name of the events.
    #[schema(min_length = 1, example = "visit")]
    event: String,
    /// How the events of one identity become one number: `count`, `sum` or `occurrence`.
    #[schema(example = "count")]
    aggregation: String,
    /// Which of them count.
    #[schema(required = false)]
    filter: DefinitionFilter,
    /// How far the number of an identity counts; not for `occurrence`.
    #[schema(required = false)]
    cap: DefinitionCap,
}

/// The time before the first exposure.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the shape and holds nothing")]
#[schema(as = MetricCovariate)]
pub struct DefinitionCovariate {
    /// Days of 24 hours; 14 by default.
    #[schema(required = false, minimum = 1, maximum = 90, example = 14)]
    look_back_days: u16,
}
