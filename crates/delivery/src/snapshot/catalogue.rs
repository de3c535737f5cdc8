//! The one place that decides what an environment serves: which features, which states with which variants, which
//! segments. Everything else in this folder is made from it.

use std::collections::{HashMap, HashSet};

use liftgate_engine::Variant;
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::feature_state::{Allocation, FeatureState, Line};
use liftgate_model::identity::Identity;
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureId, SegmentId};

use super::SnapshotOptions;
use crate::data::{EnvironmentData, ExperimentInForce};

/// What is served, in the order it is served in.
pub(crate) struct Catalogue<'a> {
    pub(crate) data: &'a EnvironmentData,
    /// Ascending by feature id; names differ.
    pub(crate) features: Vec<ServedFeature<'a>>,
    /// Ascending by segment id.
    pub(crate) segments: Vec<ServedSegment<'a>>,
    /// Identities with at least one override; identifiers differ.
    pub(crate) identities: Vec<ServedIdentity<'a>>,
}

pub(crate) struct ServedFeature<'a> {
    pub(crate) feature: &'a Feature,
    pub(crate) default: ServedState<'a>,
    pub(crate) options: &'a [MultivariateOption],
}

pub(crate) struct ServedSegment<'a> {
    pub(crate) segment: &'a Segment,
    pub(crate) overrides: Vec<ServedState<'a>>,
}

pub(crate) struct ServedIdentity<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) overrides: Vec<ServedState<'a>>,
}

/// A state with everything that decides how it is served.
pub(crate) struct ServedState<'a> {
    /// The index of the feature.
    pub(crate) feature: usize,
    pub(crate) definition: &'a Feature,
    pub(crate) state: &'a FeatureState,
    /// The options with a share, in the order they are walked in.
    pub(crate) variants: Vec<ServedVariant<'a>>,
    /// What `variant` says where no option is hit: `control` for multivariate features.
    pub(crate) unsplit_variant: Option<&'static str>,
    /// The running experiment on the feature, and whether this state is its own rollout.
    pub(crate) experiment: Option<(&'a ExperimentInForce, bool)>,
}

pub(crate) struct ServedVariant<'a> {
    pub(crate) allocation: &'a Allocation,
    pub(crate) option: &'a MultivariateOption,
}

impl ServedState<'_> {
    /// What `variant` says of an outcome of this state, of which the engine says `of_engine`.
    pub(crate) fn variant<'v>(
        &self,
        outcome: Option<Variant>,
        of_engine: Option<&'v str>,
    ) -> Option<&'v str> {
        match outcome {
            Some(Variant::Option(_)) => of_engine,
            Some(Variant::Control) | None => self.unsplit_variant,
        }
    }
}

impl<'a> Catalogue<'a> {
    pub(crate) fn new(data: &'a EnvironmentData, options: &SnapshotOptions) -> Self {
        let reader = Reader::new(data, options);
        let mut features: Vec<&Feature> = data.features.iter().collect();
        features.sort_by_key(|feature| feature.id);
        let mut defaults: HashMap<FeatureId, &FeatureState> = HashMap::new();
        let mut overrides: HashMap<SegmentId, Vec<&FeatureState>> = HashMap::new();
        for state in &data.states {
            match state.line {
                Line::Default => _ = defaults.insert(state.feature, state),
                Line::Segment(segment) => overrides.entry(segment).or_default().push(state),
                Line::Identity(_) => {}
            }
        }

        let mut names = HashSet::new();
        let mut index: HashMap<FeatureId, (usize, &Feature)> = HashMap::new();
        let mut served = Vec::with_capacity(features.len());
        for feature in features {
            let Some(default) = defaults.get(&feature.id) else {
                continue;
            };
            if names.insert(feature.name.as_str()) {
                index.insert(feature.id, (served.len(), feature));
                served.push(ServedFeature {
                    feature,
                    default: reader.state(served.len(), feature, default),
                    options: reader.options_of(feature),
                });
            }
        }

        let states = |states: &[&'a FeatureState]| -> Vec<ServedState<'a>> {
            let mut states: Vec<_> = states
                .iter()
                .filter_map(|state| {
                    let (at, feature) = index.get(&state.feature)?;
                    Some(reader.state(*at, feature, state))
                })
                .collect();
            states.sort_by_key(|state| state.feature);
            states.dedup_by_key(|state| state.feature);
            states
        };
        let segments = data
            .segments
            .iter()
            .map(|segment| ServedSegment {
                segment,
                overrides: states(overrides.get(&segment.id).map_or(&[], Vec::as_slice)),
            })
            // A segment bound to one feature means nothing where it does not override that.
            .filter(|served| served.segment.feature.is_none() || !served.overrides.is_empty())
            .collect();
        let mut identifiers = HashSet::new();
        let identities = data
            .identity_overrides
            .iter()
            .map(|(identity, overrides)| ServedIdentity {
                identity,
                overrides: states(&overrides.iter().collect::<Vec<_>>()),
            })
            .filter(|served| {
                !served.overrides.is_empty() && identifiers.insert(served.identity.identifier.as_str())
            })
            .collect();
        Self {
            data,
            features: served,
            segments,
            identities,
        }
    }

    /// Whether disabled flags are left out of answers.
    pub(crate) fn hides_disabled_flags(&self) -> bool {
        let own = self.data.environment.hide_disabled_flags;
        own.unwrap_or(self.data.project.hide_disabled_flags)
    }
}

/// Turns states into what is served of them.
struct Reader<'a> {
    data: &'a EnvironmentData,
    running: HashMap<FeatureId, &'a ExperimentInForce>,
    /// The features whose default an experiment holds at 0.
    owned: HashSet<FeatureId>,
}

impl<'a> Reader<'a> {
    fn new(data: &'a EnvironmentData, options: &SnapshotOptions) -> Self {
        let experiments = data.experiments.iter();
        let owned = experiments
            .clone()
            .filter(|experiment| experiment.owns_default && !options.serve_control_outside_rollout);
        Self {
            data,
            owned: owned.map(|experiment| experiment.feature).collect(),
            running: experiments
                .filter(|experiment| experiment.is_running)
                .map(|experiment| (experiment.feature, experiment))
                .collect(),
        }
    }

    fn options_of(&self, feature: &Feature) -> &'a [MultivariateOption] {
        self.data.options.get(&feature.id).map_or(&[], Vec::as_slice)
    }

    fn state(&self, index: usize, feature: &'a Feature, state: &'a FeatureState) -> ServedState<'a> {
        let options = self.options_of(feature);
        let is_owned = state.line == Line::Default && self.owned.contains(&feature.id);
        let mut allocations: Vec<&Allocation> = state.allocations.iter().collect();
        allocations.sort_by_key(|allocation| allocation.id);
        let variants: Vec<ServedVariant<'a>> = allocations
            .into_iter()
            .filter(|allocation| !is_owned || allocation.percentage > 0.0)
            .filter_map(|allocation| {
                let option = options.iter().find(|option| option.id == allocation.option)?;
                Some(ServedVariant { allocation, option })
            })
            .collect();
        let is_multivariate = feature.kind == FeatureType::Multivariate;
        let is_silent = is_owned && variants.is_empty();
        ServedState {
            feature: index,
            definition: feature,
            state,
            variants,
            unsplit_variant: (is_multivariate && !is_silent).then_some("control"),
            experiment: self.running.get(&feature.id).map(|experiment| {
                let is_rollout = matches!(
                    state.line,
                    Line::Segment(segment) if experiment.rollout_segment == Some(segment)
                );
                (*experiment, is_rollout)
            }),
        }
    }
}
