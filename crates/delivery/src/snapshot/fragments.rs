//! Flags as JSON, prepared for every value they can take.

pub(super) mod ofrep;

use liftgate_engine::{Environment, FlagOutcome, IdentityOverrides, Reason, Source, Variant};
use liftgate_model::Timestamp;
use liftgate_model::feature_state::Line;
use serde::Serialize;
use serde_json::Value;

use super::catalogue::{Catalogue, ServedState};

/// Every answer one state can give to an identity.
#[derive(Debug)]
pub(super) struct StateFragments {
    pub(super) is_enabled: bool,
    /// Where no option is hit.
    unsplit: Prepared,
    /// By the option's index.
    options: Box<[Prepared]>,
}

/// One flag in every shape it is served in.
#[derive(Debug)]
struct Prepared {
    flag: Fragment,
    ofrep: Fragment,
}

/// The shape a flag is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As in the answers about identities.
    Flag,
    /// As OFREP has it.
    Ofrep,
}

/// One flag as JSON.
#[derive(Debug)]
struct Fragment {
    json: Box<[u8]>,
    /// Where the reason lies, quotes included.
    reason: std::ops::Range<usize>,
}

impl Fragment {
    /// Puts a flag together from the beginning of its object, its reason and its metadata as JSON.
    fn new(head: Vec<u8>, reason: &str, metadata: Option<Vec<u8>>) -> Self {
        let mut bytes = head;
        bytes.extend_from_slice(br#","reason":"#);
        let start = bytes.len();
        bytes.extend_from_slice(&json(reason));
        let end = bytes.len();
        if let Some(metadata) = metadata {
            bytes.extend_from_slice(br#","metadata":"#);
            bytes.extend_from_slice(&metadata);
        }
        bytes.push(b'}');
        Self {
            json: bytes.into(),
            reason: start..end,
        }
    }
}

/// Writes the flags of one environment.
pub(super) struct FragmentWriter<'a> {
    pub(super) environment: i32,
    pub(super) hides_sensitive_data: bool,
    pub(super) compiled: &'a Environment,
}

impl StateFragments {
    /// Appends the flag of an outcome of this state.
    pub(super) fn write(&self, outcome: FlagOutcome, shape: Shape, out: &mut Vec<u8>) {
        let prepared = match outcome.variant {
            Some(Variant::Option(index)) => self.options.get(index as usize).unwrap_or(&self.unsplit),
            Some(Variant::Control) | None => &self.unsplit,
        };
        let fragment = match shape {
            Shape::Flag => &prepared.flag,
            Shape::Ofrep => &prepared.ofrep,
        };
        if outcome.is_circular {
            let reason = match shape {
                Shape::Flag => json(&Reason::CircularDependency.to_string()),
                Shape::Ofrep => json(ofrep::UNKNOWN),
            };
            out.extend_from_slice(&fragment.json[..fragment.reason.start]);
            out.extend_from_slice(&reason);
            out.extend_from_slice(&fragment.json[fragment.reason.end..]);
        } else {
            out.extend_from_slice(&fragment.json);
        }
    }
}

impl FragmentWriter<'_> {
    /// The flag of an environment default as `/flags/` shows it.
    pub(super) fn plain(&self, served: &ServedState<'_>) -> Vec<u8> {
        json(&self.wire(served, served.state.value.to_json()))
    }

    /// Every answer that a state can give, in the words of the engine.
    pub(super) fn all(
        &self,
        served: &ServedState<'_>,
        source: Source,
        overrides: &IdentityOverrides,
    ) -> StateFragments {
        let fragment = |variant: Option<Variant>| {
            let outcome = FlagOutcome {
                source,
                variant,
                is_circular: false,
            };
            let flag = self.compiled.flag(served.feature, outcome, overrides);
            let name = served.variant(variant, flag.variant);
            Prepared {
                ofrep: ofrep::identified(served, flag.value, name, flag.reason),
                flag: self.fragment(served, flag.value.clone(), name, flag.reason),
            }
        };
        let options = 0..u32::try_from(served.variants.len()).unwrap_or(u32::MAX);
        StateFragments {
            is_enabled: served.state.enabled,
            unsplit: fragment(None),
            options: options
                .map(|index| fragment(Some(Variant::Option(index))))
                .collect(),
        }
    }

    fn fragment(
        &self,
        served: &ServedState<'_>,
        value: Value,
        variant: Option<&str>,
        reason: Reason<'_>,
    ) -> Fragment {
        let reason = match reason {
            // The name of a segment says who someone is: it goes where the id of the override goes.
            Reason::TargetingMatch { .. } if self.hides_sensitive_data => "TARGETING_MATCH".to_owned(),
            reason => reason.to_string(),
        };
        let mut head = json(&self.wire(served, value));
        head.pop();
        head.extend_from_slice(br#","variant":"#);
        head.extend_from_slice(&json(&variant));
        Fragment::new(
            head,
            &reason,
            Metadata::of(served).map(|metadata| json(&metadata)),
        )
    }

    fn wire<'s>(&self, served: &'s ServedState<'_>, value: Value) -> FlagWire<'s> {
        let ServedState {
            state, definition, ..
        } = served;
        let shows = !self.hides_sensitive_data;
        FlagWire {
            id: shows.then_some(state.id.0),
            feature: FeatureWire {
                id: definition.id.0,
                name: &definition.name,
                created_date: shows.then_some(definition.created_at),
                description: definition.description.as_deref().filter(|_| shows),
                initial_value: definition.initial_value.as_deref().filter(|_| shows),
                default_enabled: shows.then_some(definition.default_enabled),
                kind: definition.kind.as_str(),
            },
            feature_state_value: value,
            environment: shows.then_some(self.environment),
            identity: match state.line {
                Line::Identity(identity) if shows => Some(identity.0),
                _ => None,
            },
            feature_segment: state
                .feature_segment
                .as_ref()
                .filter(|_| shows)
                .map(|link| link.id.0),
            enabled: state.enabled,
        }
    }
}

/// The values that a multivariate feature can take (contract, sdk-api section 2).
pub(super) fn multivariate_options(catalogue: &Catalogue<'_>, feature: usize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Options {
        control_value: Value,
        options: Vec<OptionWire>,
    }
    #[derive(Serialize)]
    struct OptionWire {
        value: Value,
    }
    let served = &catalogue.features[feature];
    let options = served.options.iter().map(|option| OptionWire {
        value: option.value.to_json(),
    });
    json(&Options {
        // Archived features have no control value here, as in the reference.
        control_value: if served.feature.is_archived {
            Value::Null
        } else {
            served.default.state.value.to_json()
        },
        options: options.collect(),
    })
}

/// A flag in the data plane's shape (contract, sdk-api section 2); `null` also stands for what is hidden.
#[derive(Serialize)]
struct FlagWire<'a> {
    id: Option<i32>,
    feature: FeatureWire<'a>,
    feature_state_value: Value,
    environment: Option<i32>,
    identity: Option<i32>,
    feature_segment: Option<i32>,
    enabled: bool,
}

#[derive(Serialize)]
struct FeatureWire<'a> {
    id: i32,
    name: &'a str,
    created_date: Option<Timestamp>,
    description: Option<&'a str>,
    initial_value: Option<&'a str>,
    default_enabled: Option<bool>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What a flag tells about the experiment on it (contract, sdk-api sections 3 and 9).
#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    experiment: ExperimentWire<'a>,
}

#[derive(Serialize)]
struct ExperimentWire<'a> {
    id: i32,
    name: &'a str,
    in_experiment: bool,
}

impl<'a> Metadata<'a> {
    /// `None` unless an experiment on the feature is running.
    pub(super) fn of(served: &ServedState<'a>) -> Option<Self> {
        let (experiment, in_experiment) = served.experiment?;
        Some(Self {
            experiment: ExperimentWire {
                id: experiment.id.0,
                name: &experiment.name,
                in_experiment,
            },
        })
    }
}

/// Compact JSON in UTF-8.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("text keys and finite numbers are always JSON")
}
