//! Traces: why a flag is what it is, step by step.
//!
//! A trace is a record of an evaluation, not a second one: a recorder watches the same code that answers everybody else,
//! and this module puts the names and texts of the context to what was recorded.

mod recorder;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::context::{
    EvaluationContext, IdentityContext, Operator, RuleType, SegmentCondition, SegmentContext, SegmentRule,
};
use crate::environment::Environment;
use crate::evaluation::{Evaluation, FlagOutcome, Source, Variant};
use crate::overrides::IdentityOverrides;
use crate::result::{FlagResult, SegmentResult};
use recorder::{CandidateRecord, ConditionRecord, Recorder, RuleRecord};

/// Why one flag is what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FlagTrace {
    /// The state that won.
    pub winner: Winner,
    /// Overrides of segments, the strongest first.
    pub overrides: Vec<OverrideTrace>,
    /// How the variant was chosen. `None`: the state that won has no options, or there is no identity.
    pub split: Option<SplitTrace>,
}

/// Where the state that won comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Winner {
    /// The environment.
    EnvironmentDefault,
    /// The identity's own override, which wins over everything.
    IdentityOverride,
    /// The override of a segment.
    SegmentOverride {
        /// The segment's key.
        segment_key: String,
        /// The segment's name.
        segment_name: String,
        /// The rank: lowest wins, `None` is weakest.
        priority: Option<f64>,
    },
}

/// One override that competes for a flag.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverrideTrace {
    /// The segment's key.
    pub segment_key: String,
    /// The segment's name.
    pub segment_name: String,
    /// The rank: lowest wins, `None` is weakest.
    pub priority: Option<f64>,
    /// What became of it.
    pub outcome: OverrideOutcome,
    /// Whether the segment's verdict passed through a dependency cycle, and so counts as no match.
    pub is_circular: bool,
    /// The segment's root rules, all of which must match. Empty where the override was not reached.
    pub rules: Vec<RuleTrace>,
}

/// What became of an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideOutcome {
    /// Its segment does not match.
    NoMatch,
    /// It won.
    Won,
    /// Something stronger had won.
    NotReached,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleTrace {
    /// How the parts are combined.
    #[serde(rename = "type")]
    pub rule_type: RuleType,
    /// Whether it matches. `None`: it was not tested, because the outcome was known.
    pub result: Option<bool>,
    /// Its conditions.
    pub conditions: Vec<ConditionTrace>,
    /// Its sub-rules.
    pub rules: Vec<RuleTrace>,
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConditionTrace {
    /// What is asked.
    pub operator: Operator,
    /// A trait key or a JSONPath; empty in a percentage split: the identity key.
    pub property: String,
    /// What is compared with.
    pub value: Value,
    /// The property's value as the condition saw it, text that looks like a number being one. `None`: there is none, or
    /// the condition was not tested.
    pub actual: Option<Value>,
    /// Whether it holds. `None`: it was not tested, because the outcome was known.
    pub result: Option<bool>,
    /// In a percentage split: where the value lies, from 0 to 100. It is in the split up to and including the threshold.
    pub percentage: Option<f64>,
    /// In a percentage split: the share it takes in, in percent.
    pub threshold: Option<f64>,
}

/// How a variant was chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SplitTrace {
    /// What is hashed with the identity key.
    pub salt: String,
    /// The identity key.
    pub identity_key: String,
    /// Where the identity lies on the line from 0 to 100.
    pub bucket: f64,
    /// The options along the line, in order. Beyond them is the control.
    pub bands: Vec<Band>,
}

/// The part of the line that belongs to an option.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The option's key.
    pub variant: Option<String>,
    /// Where it begins, inclusive.
    pub start: f64,
    /// Where it ends, exclusive.
    pub end: f64,
    /// Whether the identity lies in it.
    pub is_hit: bool,
}

/// The result of an evaluation in the published schema, each flag with its trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedResult {
    /// Flags by feature name, in the context's order.
    pub flags: IndexMap<String, TracedFlag>,
    /// The segments that matched, in the context's order.
    pub segments: Vec<SegmentResult>,
}

/// The outcome for one feature with its trace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TracedFlag {
    /// The outcome.
    #[serde(flatten)]
    pub flag: FlagResult,
    /// Why.
    pub trace: FlagTrace,
}

/// Evaluates a whole context like [`evaluate`](crate::evaluate) and says why each flag is what it is.
pub fn evaluate_traced(context: &EvaluationContext) -> TracedResult {
    let environment = Environment::compile(context);
    let nobody = IdentityOverrides::default();
    let (evaluation, traces) = environment.evaluate_traced(context, context.identity.as_ref(), &nobody);
    let result = environment.result(&evaluation, &nobody);
    let flags = result.flags.into_iter().zip(traces);
    TracedResult {
        flags: flags
            .map(|((name, flag), trace)| (name, TracedFlag { flag, trace }))
            .collect(),
        segments: result.segments,
    }
}

impl Environment {
    /// Evaluates like [`evaluate_with_overrides`](Self::evaluate_with_overrides), or without an identity, and says of
    /// each feature, by index, why it is what it is. `context` is what the environment was compiled from.
    ///
    /// A segment whose verdict passed through a dependency cycle may be tested more than once; its rules are shown as
    /// they were found the last time.
    pub fn evaluate_traced(
        &self,
        context: &EvaluationContext,
        identity: Option<&IdentityContext>,
        overrides: &IdentityOverrides,
    ) -> (Evaluation, Vec<FlagTrace>) {
        let recorder = Recorder::new(self.features().len(), self.segments().len());
        let (evaluation, recorder, identity_key) = self.evaluate_watched(identity, overrides, recorder);
        let explainer = Explainer {
            environment: self,
            overrides,
            recorder,
            identity_key,
            segments: context.segments.values().collect(),
        };
        let outcomes = evaluation.flags().iter().enumerate();
        let traces = outcomes
            .map(|(feature, outcome)| explainer.flag(feature, *outcome))
            .collect();
        (evaluation, traces)
    }
}

/// Puts names and texts to what was recorded.
struct Explainer<'a> {
    environment: &'a Environment,
    overrides: &'a IdentityOverrides,
    recorder: Recorder,
    identity_key: Option<String>,
    /// By index.
    segments: Vec<&'a SegmentContext>,
}

impl Explainer<'_> {
    fn flag(&self, feature: usize, outcome: FlagOutcome) -> FlagTrace {
        let looked_at = &self.recorder.candidates[feature];
        let candidates = self.environment.features()[feature].candidates.iter();
        FlagTrace {
            winner: match outcome.source {
                Source::EnvironmentDefault => Winner::EnvironmentDefault,
                Source::IdentityOverride { .. } => Winner::IdentityOverride,
                Source::SegmentOverride { segment, index } => {
                    let (segment_key, segment_name, priority) = self.named(segment, index);
                    Winner::SegmentOverride {
                        segment_key,
                        segment_name,
                        priority,
                    }
                }
            },
            overrides: candidates
                .enumerate()
                .map(|(place, candidate)| {
                    self.segment_override(candidate.segment, candidate.index, looked_at.get(place).copied())
                })
                .collect(),
            split: self.split(feature, outcome),
        }
    }

    fn segment_override(
        &self,
        segment: u32,
        index: u32,
        looked_at: Option<CandidateRecord>,
    ) -> OverrideTrace {
        let (segment_key, segment_name, priority) = self.named(segment, index);
        let record = looked_at
            .and_then(|candidate| candidate.test)
            .map(|test| &self.recorder.tests[test]);
        let definition = &self.segments[segment as usize].rules;
        let tested = record.map_or(&[][..], |record| &record.rules);
        OverrideTrace {
            segment_key,
            segment_name,
            priority,
            outcome: match looked_at.map(|candidate| candidate.wins) {
                Some(true) => OverrideOutcome::Won,
                Some(false) => OverrideOutcome::NoMatch,
                None => OverrideOutcome::NotReached,
            },
            is_circular: record.is_some_and(|record| record.is_cut),
            rules: looked_at.map_or_else(Vec::new, |_| rules(definition, tested)),
        }
    }

    fn named(&self, segment: u32, index: u32) -> (String, String, Option<f64>) {
        let segment = self.segments[segment as usize];
        let state = segment.overrides.get(index as usize);
        (
            segment.key.clone(),
            segment.name.clone(),
            state.and_then(|state| state.priority),
        )
    }

    fn split(&self, feature: usize, outcome: FlagOutcome) -> Option<SplitTrace> {
        let state = self.environment.state(feature, outcome.source, self.overrides);
        let bucket = state.place(self.identity_key.as_deref())?;
        let bands = state.bands().map(|(start, end, option)| {
            let variant = Some(Variant::Option(option));
            Band {
                variant: state
                    .option(variant)
                    .and_then(|option| option.key())
                    .map(str::to_owned),
                start,
                end,
                is_hit: outcome.variant == variant,
            }
        });
        Some(SplitTrace {
            salt: state.salt().to_owned(),
            identity_key: self.identity_key.clone()?,
            bucket,
            bands: bands.collect(),
        })
    }
}

fn rules(definitions: &[SegmentRule], tested: &[RuleRecord]) -> Vec<RuleTrace> {
    let rule = |(place, definition): (usize, &SegmentRule)| {
        let record = tested.get(place);
        let conditions = record.map_or(&[][..], |record| &record.conditions);
        RuleTrace {
            rule_type: definition.rule_type,
            result: record.map(|record| record.matches),
            conditions: (definition.conditions.iter().enumerate())
                .map(|(place, definition)| condition(definition, conditions.get(place)))
                .collect(),
            rules: rules(&definition.rules, record.map_or(&[][..], |record| &record.rules)),
        }
    };
    definitions.iter().enumerate().map(rule).collect()
}

fn condition(definition: &SegmentCondition, record: Option<&ConditionRecord>) -> ConditionTrace {
    let split = record.and_then(|record| record.split);
    ConditionTrace {
        operator: definition.operator,
        property: definition.property.clone(),
        value: definition.value.clone(),
        actual: record.and_then(|record| record.actual.clone()),
        result: record.map(|record| record.holds),
        percentage: split.map(|(place, _)| place),
        threshold: split.map(|(_, share)| share),
    }
}
