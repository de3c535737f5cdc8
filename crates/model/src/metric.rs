//! Metrics: what experiments measure.

use crate::{EnvironmentId, ExperimentId, ExperimentMetricId, MetricId, Timestamp};
use serde_json::Value;

/// Declares an enum with wire names.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The wire and database name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The value of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == name)
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// How the events of one identity become one number.
    Aggregation {
        /// How many events.
        Count = "count",
        /// The sum of their values.
        Sum = "sum",
        /// The mean of their values; 0 without events.
        Mean = "mean",
        /// 1 if there is one, else 0.
        Occurrence = "occurrence",
    }
}

wire_enum! {
    /// Which way of change is good.
    Direction {
        /// More is better.
        Up = "up",
        /// Less is better.
        Down = "down",
        /// Neither.
        Informational = "informational",
    }
}

wire_enum! {
    /// What an experiment expects of a metric.
    ExpectedDirection {
        /// A goal: it rises.
        Increase = "increase",
        /// A goal: it falls.
        Decrease = "decrease",
        /// A guardrail: it must not rise.
        NotIncrease = "not_increase",
        /// A guardrail: it must not fall.
        NotDecrease = "not_decrease",
    }
}

/// A metric of an environment.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Id.
    pub id: MetricId,
    /// The environment.
    pub environment: EnvironmentId,
    /// Name.
    pub name: String,
    /// Free text.
    pub description: String,
    /// How events become a number.
    pub aggregation: Aggregation,
    /// Which way is good.
    pub direction: Direction,
    /// `{"version": 1, "event": "…"}` and whatever else the client sent.
    pub definition: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Metric {
    /// The event it counts.
    pub fn event(&self) -> &str {
        self.definition
            .get("event")
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// A metric attached to an experiment.
#[derive(Debug, Clone)]
pub struct ExperimentMetric {
    /// Id; the lowest of an experiment is its primary metric.
    pub id: ExperimentMetricId,
    /// The experiment.
    pub experiment: ExperimentId,
    /// The metric.
    pub metric: Metric,
    /// What is expected of it.
    pub expected_direction: ExpectedDirection,
    /// When it was attached.
    pub created_at: Timestamp,
}
