//! The compiled environment: everything about a context but its identity, ready for any number of evaluations.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::context::{EnvironmentContext, EvaluationContext, SegmentContext};
use crate::evaluation::compact;
use crate::property::{PropertyCompiler, TraitSlots};
use crate::rule::Rule;
use crate::state::{State, rank};
use crate::value;

/// A compiled environment. Immutable once built, and shared between threads.
#[derive(Debug)]
pub struct Environment {
    pub(crate) key: Box<str>,
    pub(crate) traits: TraitSlots,
    /// Whether any condition reads a flag.
    pub(crate) reads_flags: bool,
    /// The context without its identity, if a property needs it as a document.
    pub(crate) definition: Option<Map<String, Value>>,
    features: Vec<Feature>,
    index: HashMap<Box<str>, usize>,
    segments: Vec<Segment>,
}

/// A feature with its default and what may override it.
#[derive(Debug)]
pub struct Feature {
    name: Box<str>,
    default: State,
    is_targeted: bool,
    /// Overrides by strength, the strongest first.
    pub(crate) candidates: Box<[Candidate]>,
    /// The segment of each override, in the context's order; a segment with two overrides is there twice.
    pub(crate) targeting: Box<[u32]>,
}

/// An override competing for a feature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) segment: u32,
    pub(crate) index: u32,
}

/// A segment with the states it overrides.
#[derive(Debug)]
pub struct Segment {
    pub(crate) key: Box<str>,
    /// `None`: never matches.
    pub(crate) rules: Option<Box<[Rule]>>,
    name: Box<str>,
    metadata: Option<Value>,
    overrides: Box<[SegmentOverride]>,
}

/// A feature state that applies to those in a segment.
#[derive(Debug)]
pub struct SegmentOverride {
    feature: Option<usize>,
    state: State,
}

impl Environment {
    /// Compiles a context. Its identity is not looked at. Features are numbered in the context's order by name,
    /// segments and their overrides in the context's order.
    ///
    /// Compiling never fails: what cannot be read behaves as the contract says, mostly as a condition that is false.
    pub fn compile(context: &EvaluationContext) -> Self {
        let mut index: HashMap<Box<str>, usize> = HashMap::new();
        let mut defaults = Vec::new();
        for feature in context.features.values() {
            if !index.contains_key(feature.name.as_str()) {
                index.insert(feature.name.as_str().into(), defaults.len());
                // Where the map's key and the name differ, the reference looks the name up.
                let by_key = context.features.get(&feature.name);
                let by_name = by_key.filter(|by_key| by_key.name == feature.name);
                defaults.push(by_name.unwrap_or(feature));
            }
        }

        let feature_index = |name: &str| index.get(name).copied();
        let mut properties = PropertyCompiler::new(context, &feature_index);
        let mut competitors: Vec<Vec<(f64, Candidate)>> = vec![Vec::new(); defaults.len()];
        let mut segments = Vec::with_capacity(context.segments.len());
        for (at, segment) in context.segments.values().enumerate() {
            let segment_override = |(index, state): (usize, &_)| {
                SegmentOverride::compile(state, &feature_index, |feature, priority| {
                    let candidate = Candidate {
                        segment: compact(at),
                        index: compact(index),
                    };
                    competitors[feature].push((priority, candidate));
                })
            };
            let overrides = segment
                .overrides
                .iter()
                .enumerate()
                .map(segment_override)
                .collect();
            segments.push(Segment::compile(segment, overrides, &mut properties));
        }

        let definition = properties
            .queries
            .then(|| std::mem::take(properties.definition()));
        let reads_flags = properties.reads_flags;
        let traits = properties.traits;
        let features = defaults
            .into_iter()
            .zip(competitors)
            .map(|(default, competitors)| Feature::new(&default.name, State::compile(default), competitors))
            .collect();
        let EnvironmentContext { key, .. } = &context.environment;
        Self {
            key: key.as_str().into(),
            traits,
            reads_flags,
            definition,
            features,
            index,
            segments,
        }
    }

    /// Notes that features have overrides this environment does not list, such as those of other identities: where none
    /// applies, their reason is `DEFAULT` instead of `STATIC`, as it is in local evaluation.
    #[must_use]
    pub fn with_targeted<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let targeted: HashSet<usize> = names
            .into_iter()
            .filter_map(|name| self.feature_index(name))
            .collect();
        for (index, feature) in self.features.iter_mut().enumerate() {
            feature.is_targeted |= targeted.contains(&index);
        }
        self
    }

    /// The features, by index.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The index of a feature.
    pub fn feature_index(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The segments, by index.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

impl Feature {
    fn new(name: &str, default: State, mut competitors: Vec<(f64, Candidate)>) -> Self {
        let targeting = competitors
            .iter()
            .map(|(_, candidate)| candidate.segment)
            .collect();
        // Stable: on a tie the first segment in order stays.
        competitors.sort_by(|(left, _), (right, _)| left.total_cmp(right));
        Self {
            name: name.into(),
            default,
            is_targeted: !competitors.is_empty(),
            candidates: competitors.into_iter().map(|(_, candidate)| candidate).collect(),
            targeting,
        }
    }

    /// The feature's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The environment's default state.
    pub fn default_state(&self) -> &State {
        &self.default
    }

    /// Whether anything overrides the feature, for anyone.
    pub fn is_targeted(&self) -> bool {
        self.is_targeted
    }
}

impl Segment {
    fn compile(
        segment: &SegmentContext,
        overrides: Box<[SegmentOverride]>,
        properties: &mut PropertyCompiler<'_>,
    ) -> Self {
        Self {
            key: segment.key.as_str().into(),
            rules: Rule::compile_roots(&segment.rules, properties),
            name: segment.name.as_str().into(),
            metadata: segment.metadata.clone().filter(value::is_truthy),
            overrides,
        }
    }

    /// The segment's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The metadata; `None` when empty.
    pub fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }

    /// The overrides, in the context's order.
    pub fn overrides(&self) -> &[SegmentOverride] {
        &self.overrides
    }
}

impl SegmentOverride {
    fn compile(
        state: &crate::context::FeatureContext,
        feature_index: &dyn Fn(&str) -> Option<usize>,
        compete: impl FnOnce(usize, f64),
    ) -> Self {
        let feature = feature_index(&state.name);
        if let Some(feature) = feature {
            compete(feature, rank(state.priority));
        }
        Self {
            feature,
            state: State::compile(state),
        }
    }

    /// The index of the feature overridden; `None` where the environment does not have it.
    pub fn feature(&self) -> Option<usize> {
        self.feature
    }

    /// The overriding state.
    pub fn state(&self) -> &State {
        &self.state
    }
}
