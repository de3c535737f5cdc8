//! What experiments look like on the wire.

use liftgate_app::experiments::{ExperimentView, RolloutInput};
use liftgate_model::experiment::{Experiment, Rollout};
use liftgate_model::feature::MultivariateOption;
use liftgate_model::metric::{ExpectedDirection, ExperimentMetric};
use liftgate_model::{MetricId, OptionId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::form::{Form, Parse};
use crate::v1::value::{NewShare, TypedText};

/// An experiment with everything that belongs to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExperimentBody {
    /// Id.
    pub id: i32,
    /// The feature it is about.
    pub feature: FeatureBody,
    /// Name.
    #[schema(example = "Button colour")]
    pub name: String,
    /// What is believed.
    #[schema(example = "Green sells more")]
    pub hypothesis: String,
    /// `created`, `running`, `paused` or `completed`.
    #[schema(example = "running")]
    pub status: &'static str,
    /// What is measured; the first is the primary metric.
    pub metrics: Vec<AttachedMetricBody>,
    /// Whom it serves what, read back from the flag; null when none is configured.
    pub experiment_rollout: Option<RolloutBody>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When it was first started.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// An experiment by itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompactBody {
    /// Id.
    pub id: i32,
    /// The id of the feature it is about.
    pub feature: i32,
    /// Name.
    pub name: String,
    /// What is believed.
    pub hypothesis: String,
    /// `created`, `running`, `paused` or `completed`.
    pub status: &'static str,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When it was first started.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it was completed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
}

/// The feature of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentFeature)]
pub struct FeatureBody {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "checkout")]
    pub name: String,
    /// `MULTIVARIATE`, unless its options were removed since.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The text new environments start from.
    pub initial_value: Option<String>,
    /// The options.
    pub multivariate_options: Vec<OptionBody>,
}

/// An option of the feature of an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentOption)]
pub struct OptionBody {
    /// Id.
    pub id: i32,
    /// Public id.
    pub uuid: Uuid,
    /// `int`, `unicode` or `bool`: which of the next three is the value.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The value, if it is a number.
    pub integer_value: Option<i32>,
    /// The value, if it is text.
    pub string_value: Option<String>,
    /// The value, if it is a boolean.
    pub boolean_value: Option<bool>,
    /// The share of the option in the environment's live default, 0 to 100; despite its name not the option's default
    /// (contract, admin API, section 7.3).
    pub default_percentage_allocation: f64,
    /// The name of the variant.
    pub key: Option<String>,
}

/// A metric attached to an experiment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentMetricAttachment)]
pub struct AttachedMetricBody {
    /// The id of the attachment.
    pub id: i32,
    /// The id of the metric.
    pub metric: i32,
    /// Its name.
    pub metric_name: String,
    /// How its events become a number: `count`, `sum`, `mean` or `occurrence`.
    pub aggregation: &'static str,
    /// Which way is good: `up`, `down` or `informational`.
    pub direction: &'static str,
    /// What is expected: `increase`, `decrease`, `not_increase` or `not_decrease`.
    pub expected_direction: &'static str,
    /// When it was attached.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Whom an experiment serves what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentRollout)]
pub struct RolloutBody {
    /// Whether the flag is on for the cohort.
    pub enabled: bool,
    /// The share of identities that enter, 0 to 100.
    #[schema(example = 30.0)]
    pub rollout_percentage: f64,
    /// The control value.
    pub feature_state_value: TypedText,
    /// The shares of the options inside the cohort; the rest gets the control value.
    pub multivariate_feature_state_values: Vec<ShareBody>,
}

/// The share of an option.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ExperimentShare)]
pub struct ShareBody {
    /// The id of the option.
    pub multivariate_feature_option: i32,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 50.0)]
    pub percentage_allocation: f64,
}

impl From<Experiment> for CompactBody {
    fn from(experiment: Experiment) -> Self {
        Self {
            id: experiment.id.0,
            feature: experiment.feature.0,
            name: experiment.name,
            hypothesis: experiment.hypothesis,
            status: experiment.status.as_str(),
            created_at: experiment.created_at,
            updated_at: experiment.updated_at,
            started_at: experiment.started_at,
            ended_at: experiment.ended_at,
        }
    }
}

impl From<ExperimentView> for ExperimentBody {
    fn from(view: ExperimentView) -> Self {
        let feature = view.feature.feature;
        let experiment = view.experiment;
        Self {
            id: experiment.id.0,
            feature: FeatureBody {
                id: feature.id.0,
                name: feature.name,
                kind: feature.kind.as_str(),
                initial_value: feature.initial_value,
                multivariate_options: view.feature.options.into_iter().map(OptionBody::from).collect(),
            },
            name: experiment.name,
            hypothesis: experiment.hypothesis,
            status: experiment.status.as_str(),
            metrics: view.metrics.into_iter().map(AttachedMetricBody::from).collect(),
            experiment_rollout: view.rollout.map(RolloutBody::from),
            created_at: experiment.created_at,
            updated_at: experiment.updated_at,
            started_at: experiment.started_at,
            ended_at: experiment.ended_at,
        }
    }
}

impl From<(MultivariateOption, f64)> for OptionBody {
    fn from((option, share): (MultivariateOption, f64)) -> Self {
        let columns = crate::v1::value::Columns::from(&option.value);
        Self {
            id: option.id.0,
            uuid: option.uuid,
            kind: columns.kind,
            integer_value: columns.integer_value,
            string_value: columns.string_value,
            boolean_value: columns.boolean_value,
            default_percentage_allocation: share,
            key: option.key,
        }
    }
}

impl From<ExperimentMetric> for AttachedMetricBody {
    fn from(attached: ExperimentMetric) -> Self {
        Self {
            id: attached.id.0,
            metric: attached.metric.id.0,
            metric_name: attached.metric.name,
            aggregation: attached.metric.aggregation.as_str(),
            direction: attached.metric.direction.as_str(),
            expected_direction: attached.expected_direction.as_str(),
            created_at: attached.created_at,
        }
    }
}

impl From<Rollout> for RolloutBody {
    fn from(rollout: Rollout) -> Self {
        let share = |(option, percentage): (OptionId, f64)| ShareBody {
            multivariate_feature_option: option.0,
            percentage_allocation: percentage,
        };
        Self {
            enabled: rollout.enabled,
            rollout_percentage: rollout.rollout_percentage,
            feature_state_value: TypedText::of(&rollout.value),
            multivariate_feature_state_values: rollout.allocations.into_iter().map(share).collect(),
        }
    }
}

/// A rollout as it is asked for: always complete, though options that are not named keep their shares.
#[derive(Debug, ToSchema)]
#[schema(as = NewExperimentRollout)]
pub struct NewRollout {
    /// Whether the flag is on for the cohort.
    enabled: bool,
    /// The share of identities that enter, 0 to 100.
    #[schema(minimum = 0, maximum = 100, example = 30.0)]
    rollout_percentage: f64,
    /// The control value.
    feature_state_value: TypedText,
    /// The shares of the options inside the cohort.
    #[schema(required = false)]
    multivariate_feature_state_values: Vec<NewShare>,
}

impl Parse for NewRollout {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let enabled = form.boolean("enabled").required();
        let rollout_percentage = form.number("rollout_percentage").min(0.0).max(100.0).required();
        let value = form.nested("feature_state_value").required();
        let shares = form.objects("multivariate_feature_state_values").or(Vec::new());
        Some(Self {
            enabled: enabled?,
            rollout_percentage: rollout_percentage?,
            feature_state_value: value?,
            multivariate_feature_state_values: shares?,
        })
    }
}

impl From<NewRollout> for RolloutInput {
    fn from(rollout: NewRollout) -> Self {
        let shares = rollout.multivariate_feature_state_values;
        Self {
            enabled: rollout.enabled,
            rollout_percentage: rollout.rollout_percentage,
            value: rollout.feature_state_value.into_value(),
            shares: shares.into_iter().map(Into::into).collect(),
        }
    }
}

/// A metric to attach.
#[derive(Debug, ToSchema)]
#[schema(as = NewExperimentMetricAttachment)]
pub struct NewAttachment {
    /// The id of the metric.
    #[schema(value_type = i32)]
    pub metric: MetricId,
    /// `increase`, `decrease`, `not_increase` or `not_decrease`.
    #[schema(value_type = String, example = "increase")]
    pub expected_direction: ExpectedDirection,
}

impl Parse for NewAttachment {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let metric = form.id("metric").required();
        let expected = form
            .choice("expected_direction", ExpectedDirection::parse)
            .required();
        Some(Self {
            metric: metric?,
            expected_direction: expected?,
        })
    }
}

/// An experiment to set up.
#[derive(Debug, ToSchema)]
pub struct NewExperimentBody {
    /// The id of a multivariate feature.
    pub feature: i32,
    /// Name.
    #[schema(max_length = 255, example = "Button colour")]
    pub name: String,
    /// What is believed.
    #[schema(example = "Green sells more")]
    pub hypothesis: String,
    /// What is measured.
    #[schema(required = false)]
    pub metrics: Vec<NewAttachment>,
    /// Whom it serves what; takes effect at once.
    pub experiment_rollout: Option<NewRollout>,
}

impl Parse for NewExperimentBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.id::<liftgate_model::FeatureId>("feature").required();
        let name = form.text("name").max(255).required();
        let hypothesis = form.text("hypothesis").required();
        let metrics = form.objects("metrics").or(Vec::new());
        let rollout = form.nested("experiment_rollout").optional();
        Some(Self {
            feature: feature?.0,
            name: name?,
            hypothesis: hypothesis?,
            metrics: metrics?,
            experiment_rollout: rollout?,
        })
    }
}
