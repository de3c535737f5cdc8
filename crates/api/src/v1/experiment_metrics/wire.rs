//! What metrics look like on the wire.

use liftgate_app::metrics::{MetricChange, MetricDefinition, MetricView, NewMetric};
use liftgate_model::Timestamp;
use liftgate_model::experiment::Experiment;
use liftgate_model::metric::{Aggregation, Direction, Metric};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::definition::DefinitionBody;
use crate::form::{self, FieldError, Form, Mode, Parse, Patch};

/// A metric.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Metric)]
pub struct MetricBody {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(max_length = 255, example = "Revenue per customer")]
    pub name: String,
    /// Free text.
    pub description: String,
    /// How the events of one identity become one number: `count`, `sum`, `mean` or `occurrence`.
    #[schema(example = "sum")]
    pub aggregation: &'static str,
    /// Which way is good: `up`, `down` or `informational`.
    #[schema(example = "up")]
    pub direction: &'static str,
    /// What it is computed from, as it was sent.
    #[schema(value_type = DefinitionBody, example = json!({"version": 1, "event": "purchase"}))]
    pub definition: Value,
    /// The experiments that use it.
    pub experiments: Vec<MetricExperiment>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

/// An experiment that uses a metric.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricExperiment {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "Button colour")]
    pub name: String,
    /// `created`, `running`, `paused` or `completed`.
    #[schema(example = "running")]
    pub status: &'static str,
}

impl MetricBody {
    /// A metric with the experiments that use it.
    pub fn new(metric: Metric, experiments: Vec<Experiment>) -> Self {
        Self {
            id: metric.id.0,
            name: metric.name,
            description: metric.description,
            aggregation: metric.aggregation.as_str(),
            direction: metric.direction.as_str(),
            definition: metric.definition,
            experiments: experiments.into_iter().map(MetricExperiment::from).collect(),
            created_at: metric.created_at,
            updated_at: metric.updated_at,
        }
    }
}

impl From<MetricView> for MetricBody {
    fn from(view: MetricView) -> Self {
        Self::new(view.metric, view.experiments)
    }
}

impl From<Experiment> for MetricExperiment {
    fn from(experiment: Experiment) -> Self {
        Self {
            id: experiment.id.0,
            name: experiment.name,
            status: experiment.status.as_str(),
        }
    }
}

/// A metric to make.
#[derive(Debug, ToSchema)]
#[schema(as = NewMetric)]
pub struct NewMetricBody {
    /// Name.
    #[schema(max_length = 255, example = "Revenue per customer")]
    name: String,
    /// Free text.
    #[schema(required = false)]
    description: String,
    /// How the events of one identity become one number: `count`, `sum`, `mean` (the default) or `occurrence`.
    #[schema(value_type = String, required = false, example = "sum")]
    aggregation: Aggregation,
    /// Which way is good: `up` (the default), `down` or `informational`.
    #[schema(value_type = String, required = false, example = "up")]
    direction: Direction,
    /// What it is computed from.
    #[schema(value_type = DefinitionBody, example = json!({"version": 1, "event": "purchase"}))]
    definition: MetricDefinition,
}

impl Parse for NewMetricBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(255).required();
        let description = form.text("description").blank().or(String::new());
        let aggregation = form
            .choice("aggregation", Aggregation::parse)
            .or(Aggregation::Mean);
        let direction = form.choice("direction", Direction::parse).or(Direction::Up);
        let definition = form.field("definition", Definition).required();
        Some(Self {
            name: name?,
            description: description?,
            aggregation: aggregation?,
            direction: direction?,
            definition: definition?,
        })
    }
}

impl From<NewMetricBody> for NewMetric {
    fn from(new: NewMetricBody) -> Self {
        Self {
            name: new.name,
            description: new.description,
            aggregation: new.aggregation,
            direction: new.direction,
            definition: new.definition,
        }
    }
}

/// What may change about a metric.
#[derive(Debug, ToSchema)]
#[schema(as = MetricChange)]
pub struct MetricChangeBody {
    /// Name.
    #[schema(value_type = Option<String>, max_length = 255)]
    name: Patch<String>,
    /// Free text.
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// How the events of one identity become one number; not while a running experiment uses it.
    #[schema(value_type = Option<String>)]
    aggregation: Patch<Aggregation>,
    /// Which way is good.
    #[schema(value_type = Option<String>)]
    direction: Patch<Direction>,
    /// What it is computed from; not while a running experiment uses it.
    #[schema(value_type = Option<DefinitionBody>)]
    definition: Patch<MetricDefinition>,
}

impl Parse for MetricChangeBody {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(255).change_required();
        let description = form.text("description").blank().change();
        let aggregation = form.choice("aggregation", Aggregation::parse).change();
        let direction = form.choice("direction", Direction::parse).change();
        let definition = form.field("definition", Definition).change_required();
        Some(Self {
            name: name?,
            description: description?,
            aggregation: aggregation?,
            direction: direction?,
            definition: definition?,
        })
    }
}

impl From<MetricChangeBody> for MetricChange {
    fn from(change: MetricChangeBody) -> Self {
        Self {
            name: change.name.value(),
            description: change.description.value(),
            aggregation: change.aggregation.value(),
            direction: change.direction.value(),
            definition: change.definition.value(),
        }
    }
}

/// A definition, checked by the rules of the use-cases.
#[derive(Debug)]
struct Definition;

impl form::Rule for Definition {
    type Out = MetricDefinition;

    fn read(&self, value: &Value, _mode: Mode) -> Result<MetricDefinition, FieldError> {
        MetricDefinition::new(value.clone()).map_err(FieldError::text)
    }
}
