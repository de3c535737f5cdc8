//! Flags: outcomes with the names and values they stand for.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Evaluation, FlagOutcome, Source, Variant};
use crate::environment::Environment;
use crate::overrides::IdentityOverrides;
use crate::reason::{IDENTITY_OVERRIDES_SEGMENT, Reason};
use crate::result::{EvaluationResult, FlagResult, SegmentResult};
use crate::state::State;

/// The variant of an identity that no option was hit for.
const CONTROL: &str = "control";

/// One feature's outcome, resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flag<'a> {
    /// The feature's name.
    pub name: &'a str,
    /// Whether the flag is on.
    pub enabled: bool,
    /// The value served.
    pub value: &'a Value,
    /// The chosen option's key, `control`, or `None` where the state has no options or the option no key.
    pub variant: Option<&'a str>,
    /// Why.
    pub reason: Reason<'a>,
    /// The winning state's metadata; `None` when empty.
    pub metadata: Option<&'a Value>,
}

impl Environment {
    /// The state an outcome stands for: the default if the source names no state of this environment and these
    /// overrides.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn state<'a>(
        &'a self,
        feature: usize,
        source: Source,
        overrides: &'a IdentityOverrides,
    ) -> &'a State {
        let overriding = match source {
            Source::EnvironmentDefault => None,
            Source::SegmentOverride { segment, index } => self
                .segments()
                .get(segment as usize)
                .and_then(|segment| segment.overrides().get(index as usize))
                .map(crate::environment::SegmentOverride::state),
            Source::IdentityOverride { index } => overrides.state(index),
        };
        overriding.unwrap_or_else(|| self.features()[feature].default_state())
    }

    /// The reason of an outcome.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn reason<'a>(
        &'a self,
        feature: usize,
        outcome: FlagOutcome,
        overrides: &'a IdentityOverrides,
    ) -> Reason<'a> {
        let state = self.state(feature, outcome.source, overrides);
        match (state.option(outcome.variant), outcome.source) {
            _ if outcome.is_circular => Reason::CircularDependency,
            (Some(option), _) => Reason::Split {
                weight: option.weight(),
            },
            (None, Source::SegmentOverride { segment, .. }) => Reason::TargetingMatch {
                segment: self.segments()[segment as usize].name(),
            },
            (None, Source::IdentityOverride { .. }) => Reason::TargetingMatch {
                segment: IDENTITY_OVERRIDES_SEGMENT,
            },
            (None, Source::EnvironmentDefault) if self.features()[feature].is_targeted() => Reason::Default,
            (None, Source::EnvironmentDefault) => Reason::Static,
        }
    }

    /// The flag an outcome stands for.
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn flag<'a>(
        &'a self,
        feature: usize,
        outcome: FlagOutcome,
        overrides: &'a IdentityOverrides,
    ) -> Flag<'a> {
        let state = self.state(feature, outcome.source, overrides);
        let option = state.option(outcome.variant);
        Flag {
            name: self.features()[feature].name(),
            enabled: state.enabled(),
            value: option.map_or_else(|| state.value(), crate::state::VariantOption::value),
            variant: match outcome.variant {
                Some(Variant::Control) => Some(CONTROL),
                Some(Variant::Option(_)) => option.and_then(crate::state::VariantOption::key),
                None => None,
            },
            reason: self.reason(feature, outcome, overrides),
            metadata: state.metadata(),
        }
    }

    /// An evaluation in the published schema.
    pub fn result(&self, evaluation: &Evaluation, overrides: &IdentityOverrides) -> EvaluationResult {
        let flags: IndexMap<_, _> = evaluation
            .flags()
            .iter()
            .enumerate()
            .map(|(feature, outcome)| {
                let flag = self.flag(feature, *outcome, overrides);
                (flag.name.to_owned(), FlagResult::from(flag))
            })
            .collect();
        let segments = evaluation
            .segments()
            .iter()
            .map(|segment| &self.segments()[*segment as usize])
            .map(|segment| SegmentResult {
                name: segment.name().to_owned(),
                metadata: segment.metadata().cloned(),
            })
            .collect();
        EvaluationResult { flags, segments }
    }
}

impl From<Flag<'_>> for FlagResult {
    fn from(flag: Flag<'_>) -> Self {
        Self {
            name: flag.name.to_owned(),
            enabled: flag.enabled,
            value: flag.value.clone(),
            reason: flag.reason.to_string(),
            variant: flag.variant.map(str::to_owned),
            metadata: flag.metadata.cloned(),
        }
    }
}
