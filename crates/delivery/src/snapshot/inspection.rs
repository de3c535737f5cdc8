//! A look at one identity: what it gets and why, and which segments it is in. For people, who ask seldom: everything is
//! compiled for the one question, from what is stored now.

use liftgate_engine::{Environment, IdentityContext, IdentityOverrides, Source, Variant};
use liftgate_model::feature::Feature;
use liftgate_model::feature_state::FeatureState;
use liftgate_model::{FlagValue, SegmentId};

use super::SnapshotOptions;
use super::catalogue::{Catalogue, ServedSegment, ServedState};
use super::context;
use crate::data::EnvironmentData;

/// What an identity gets and which segments it is in.
#[derive(Debug)]
pub struct Inspection<'a> {
    /// Its flags, ascending by feature id; disabled ones are left out where the environment hides them.
    pub flags: Vec<InspectedFlag<'a>>,
    /// Every segment of the project it is in, used or not, ascending.
    pub segments: Vec<SegmentId>,
}

/// A flag of an identity.
#[derive(Debug, Clone, Copy)]
pub struct InspectedFlag<'a> {
    /// The feature.
    pub feature: &'a Feature,
    /// The state that won; its line says why.
    pub state: &'a FeatureState,
    /// The value, of the variant the identity is in.
    pub value: &'a FlagValue,
}

/// Looks at one identity of an environment.
pub(crate) fn inspect<'a>(data: &'a EnvironmentData, identity: &IdentityContext) -> Inspection<'a> {
    let catalogue = Catalogue::new(data, &SnapshotOptions::default());
    let idle = idle_segments(&catalogue);
    let mut segments: Vec<&ServedSegment<'a>> = catalogue.segments.iter().chain(&idle).collect();
    segments.sort_by_key(|served| served.segment.id);
    let compiled = Environment::compile(&context::context(&catalogue, &segments));
    let own = catalogue
        .identities
        .iter()
        .find(|served| served.identity.identifier == identity.identifier)
        .map_or(&[][..], |served| &served.overrides);
    let contexts: Vec<_> = own.iter().map(context::feature).collect();
    let overrides = IdentityOverrides::compile(&compiled, &contexts);
    let evaluation = compiled.evaluate_with_overrides(identity, &overrides);
    let hides_disabled_flags = catalogue.hides_disabled_flags();
    let flags = catalogue
        .features
        .iter()
        .zip(evaluation.flags())
        .map(|(served, outcome)| {
            let state: &ServedState<'a> = match outcome.source {
                Source::EnvironmentDefault => &served.default,
                Source::SegmentOverride { segment, index } => {
                    &segments[segment as usize].overrides[index as usize]
                }
                Source::IdentityOverride { index } => &own[index as usize],
            };
            InspectedFlag {
                feature: served.feature,
                state: state.state,
                value: match outcome.variant {
                    Some(Variant::Option(option)) => &state.variants[option as usize].option.value,
                    Some(Variant::Control) | None => &state.state.value,
                },
            }
        });
    Inspection {
        flags: flags
            .filter(|flag| flag.state.enabled || !hides_disabled_flags)
            .collect(),
        segments: evaluation
            .segments()
            .iter()
            .map(|index| segments[*index as usize].segment.id)
            .collect(),
    }
}

/// The segments that are not served, because they mean nothing to answers: identities are in them all the same.
fn idle_segments<'a>(catalogue: &Catalogue<'a>) -> Vec<ServedSegment<'a>> {
    let is_served = |id: SegmentId| catalogue.segments.iter().any(|served| served.segment.id == id);
    let data: &'a EnvironmentData = catalogue.data;
    data.segments
        .iter()
        .filter(|segment| !is_served(segment.id))
        .map(|segment| ServedSegment {
            segment,
            overrides: Vec::new(),
        })
        .collect()
}
