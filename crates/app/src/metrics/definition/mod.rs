//! What a metric is computed from.

mod members;
mod version_two;

use liftgate_events::{
    Aggregation as EventAggregation, Cap, EventFilter, ExposureWindow, Measure, MetricKind, MetricQuery,
    Quantile, QuantileOf,
};
use liftgate_model::metric::{Aggregation, Metric};
use liftgate_stats::{SignificanceLevel, normal};
use serde_json::{Map, Value};

/// A definition that was checked: an object with a supported `version` and the name of an `event`.
///
/// Of version 1 other members are the client's own and are kept. Version 2 has the members that `docs/metrics.md` describes and
/// no others.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDefinition {
    value: Value,
    meaning: Meaning,
}

/// What a definition means, whatever its version.
#[derive(Debug, Clone, PartialEq)]
struct Meaning {
    event: String,
    filter: EventFilter,
    cap: Cap,
    window: Option<ExposureWindow>,
    denominator: Option<Measure>,
    covariate: Covariate,
    quantile: Option<QuantileOfLevel>,
}

/// A quantile in place of a mean.
#[derive(Debug, Clone, Copy, PartialEq)]
struct QuantileOfLevel {
    /// Above 0 and below 1.
    level: f64,
    of: QuantileOf,
    ignore_zeros: bool,
}

/// Whether what identities did before their exposure is held against what they do after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Covariate {
    /// No.
    Never,
    /// For metrics that gain by it, over [`DEFAULT_LOOK_BACK_MS`].
    ByDefault,
    /// Over so many milliseconds.
    LookBack(i64),
}

const DAY_MS: i64 = 86_400_000;

/// The look-back window of metrics that name none (contract, statistics, section 8).
pub(crate) const DEFAULT_LOOK_BACK_MS: i64 = 14 * DAY_MS;

impl Meaning {
    /// All events of a name.
    fn of_event(event: String) -> Self {
        Self {
            event,
            filter: EventFilter::default(),
            cap: Cap::default(),
            window: None,
            denominator: None,
            covariate: Covariate::Never,
            quantile: None,
        }
    }
}

impl MetricDefinition {
    /// Checks a definition.
    ///
    /// # Errors
    /// The contract's complaint; of version 2 a sentence that names the member.
    ///
    /// # Compatibility
    /// The contract's server takes a version of `true`, because it is one that counts booleans as numbers; here it is
    /// refused. It knows no version 2: one that says no more than version 1 does is refused as there.
    pub fn new(value: Value) -> Result<Self, String> {
        let Value::Object(members) = &value else {
            return Err("Definition must be an object.".into());
        };
        let meaning = match members.get("version").and_then(Value::as_i64) {
            Some(1) => Meaning::of_event(event(members)?),
            Some(2) if has_more(members) => {
                event(members)?;
                version_two::read(&value)?
            }
            _ => return Err("Definition must specify a supported 'version'.".into()),
        };
        Ok(Self { value, meaning })
    }

    /// The definition as JSON.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// Checks that the definition goes together with how events become a number.
    ///
    /// # Errors
    /// A sentence that says what does not.
    pub fn check(&self, aggregation: Aggregation) -> Result<(), String> {
        let capped = self.meaning.cap != Cap::default();
        if self.meaning.denominator.is_some() && aggregation == Aggregation::Mean {
            return Err(
                "Definition 'denominator' needs the aggregation 'count', 'sum' or 'occurrence'.".into(),
            );
        }
        if capped && aggregation == Aggregation::Occurrence {
            return Err("Definition 'cap' needs the aggregation 'count', 'sum' or 'mean'.".into());
        }
        match self.meaning.quantile.map(|quantile| quantile.of) {
            Some(QuantileOf::Identities) if aggregation == Aggregation::Occurrence => {
                Err("Definition 'quantile' needs the aggregation 'count', 'sum' or 'mean'.".into())
            }
            Some(QuantileOf::Events) if aggregation != Aggregation::Sum => {
                Err("Definition 'quantile' of 'event' needs the aggregation 'sum'.".into())
            }
            _ => Ok(()),
        }
    }

    /// The question that a metric asks of the events, when it is judged at a level.
    ///
    /// # Errors
    /// As [`MetricDefinition::new`], for a stored definition that does not hold what it should.
    pub(crate) fn query(metric: &Metric, alpha: SignificanceLevel) -> Result<MetricQuery, String> {
        let Meaning {
            event,
            filter,
            cap,
            window,
            denominator,
            covariate,
            quantile,
        } = Self::new(metric.definition.clone())?.meaning;
        let look_back_ms = match covariate {
            Covariate::Never => None,
            Covariate::ByDefault => {
                let gains = metric.aggregation != Aggregation::Occurrence
                    && denominator.is_none()
                    && quantile.is_none();
                gains.then_some(DEFAULT_LOOK_BACK_MS)
            }
            Covariate::LookBack(look_back_ms) => Some(look_back_ms),
        };
        Ok(MetricQuery {
            metric_id: i64::from(metric.id.0),
            measure: Measure {
                event,
                filter,
                aggregation: event_aggregation(metric.aggregation),
                cap,
            },
            window,
            kind: match (quantile, denominator, look_back_ms) {
                (Some(quantile), ..) => MetricKind::Quantile(Quantile {
                    level: quantile.level,
                    z: normal::two_sided_quantile(alpha),
                    of: quantile.of,
                    ignore_zeros: quantile.ignore_zeros,
                }),
                (None, Some(denominator), look_back_ms) => MetricKind::Ratio {
                    denominator,
                    look_back_ms,
                },
                (None, None, Some(look_back_ms)) => MetricKind::Covariate { look_back_ms },
                (None, None, None) => MetricKind::Plain,
            },
        })
    }
}

/// Whether there is anything beside the version and the event.
fn has_more(members: &Map<String, Value>) -> bool {
    members.keys().any(|name| name != "version" && name != "event")
}

fn event(members: &Map<String, Value>) -> Result<String, String> {
    let event = members.get("event").and_then(Value::as_str);
    let event = event.filter(|event| !event.is_empty());
    event
        .map(str::to_owned)
        .ok_or_else(|| "Definition must specify a non-empty 'event'.".into())
}

fn event_aggregation(aggregation: Aggregation) -> EventAggregation {
    match aggregation {
        Aggregation::Count => EventAggregation::Count,
        Aggregation::Sum => EventAggregation::Sum,
        Aggregation::Mean => EventAggregation::Mean,
        Aggregation::Occurrence => EventAggregation::Occurrence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_definition_names_a_version_and_an_event() {
        let version = Err("Definition must specify a supported 'version'.".to_owned());
        let event = Err("Definition must specify a non-empty 'event'.".to_owned());
        let check = |value| MetricDefinition::new(value).map(MetricDefinition::into_value);
        let good = json!({"version": 1, "event": "purchase", "colour": "red"});
        assert_eq!(check(good.clone()), Ok(good));
        let object = Err("Definition must be an object.".to_owned());
        assert_eq!(check(json!("purchase")), object);
        assert_eq!(check(json!(["purchase"])), object);
        for bad in [
            json!(0),
            json!(3),
            json!("1"),
            json!(true),
            json!(1.5),
            json!(null),
        ] {
            assert_eq!(check(json!({"version": bad, "event": "purchase"})), version);
        }
        assert_eq!(check(json!({"event": "purchase"})), version);
        assert_eq!(check(json!({"version": 2, "event": "purchase"})), version);
        for number in [1, 2] {
            for bad in [json!(""), json!(7), json!(null), json!(["a"])] {
                assert_eq!(
                    check(json!({"version": number, "event": bad, "filter": {}})),
                    event
                );
            }
            assert_eq!(check(json!({"version": number, "filter": {}})), event);
        }
    }

    #[test]
    fn a_definition_goes_together_with_the_aggregation() {
        let check = |value, aggregation| MetricDefinition::new(value).unwrap().check(aggregation);
        let ratio =
            json!({"version": 2, "event": "a", "denominator": {"event": "b", "aggregation": "count"}});
        let capped = json!({"version": 2, "event": "a", "cap": {"upper_value": 5}});
        let median = json!({"version": 2, "event": "a", "quantile": {"level": 0.5, "of": "identity"}});
        let of_events = json!({"version": 2, "event": "a", "quantile": {"level": 0.5, "of": "event"}});
        for aggregation in Aggregation::ALL.iter().copied() {
            let is_refused = check(of_events.clone(), aggregation).is_err();
            assert_eq!(is_refused, aggregation != Aggregation::Sum);
        }
        for (value, refused) in [
            (ratio, Aggregation::Mean),
            (capped, Aggregation::Occurrence),
            (median, Aggregation::Occurrence),
        ] {
            for aggregation in Aggregation::ALL.iter().copied() {
                assert_eq!(check(value.clone(), aggregation).is_err(), aggregation == refused);
            }
        }
    }
}
