//! Why the flags of one identity are what they are. For people, who ask seldom: everything is compiled for the one
//! question, from what is stored now, as a snapshot would be.

use liftgate_engine::trace::FlagTrace;
use liftgate_engine::{IdentityContext, IdentityOverrides, Source};
use liftgate_model::FeatureId;
use serde_json::Value;

use super::SnapshotOptions;
use super::catalogue::Catalogue;
use super::context;
use crate::data::EnvironmentData;

/// A flag of an identity as SDKs get it, and why.
#[derive(Debug, Clone)]
pub struct TracedFlag {
    /// The feature.
    pub feature: FeatureId,
    /// Its name.
    pub name: String,
    /// Whether the flag is on.
    pub enabled: bool,
    /// The value, of the variant the identity is in.
    pub value: Value,
    /// The variant: an option's key, `control`, or `None`.
    pub variant: Option<String>,
    /// The reason, in the words of the SDK API.
    pub reason: String,
    /// Why.
    pub trace: FlagTrace,
}

/// Traces an identity of an environment: every flag, ascending by feature id, those that are hidden from some callers too.
pub(crate) fn trace(
    data: &EnvironmentData,
    options: &SnapshotOptions,
    identity: &IdentityContext,
) -> Vec<TracedFlag> {
    let catalogue = Catalogue::new(data, options);
    let segments = context::evaluated(&catalogue);
    let context = context::context(&catalogue, &segments);
    let compiled = context::compile(&catalogue, &context);
    let own = catalogue
        .identities
        .iter()
        .find(|served| served.identity.identifier == identity.identifier)
        .map_or(&[][..], |served| &served.overrides);
    let contexts: Vec<_> = own.iter().map(context::feature).collect();
    let overrides = IdentityOverrides::compile(&compiled, &contexts);
    let (evaluation, traces) = compiled.evaluate_traced(&context, Some(identity), &overrides);
    let served = catalogue.features.iter().zip(evaluation.flags()).zip(traces);
    let flags = served.enumerate().map(|(index, ((served, outcome), trace))| {
        let flag = compiled.flag(index, *outcome, &overrides);
        let state = match outcome.source {
            Source::EnvironmentDefault => &served.default,
            Source::SegmentOverride { segment, index } => {
                &segments[segment as usize].overrides[index as usize]
            }
            Source::IdentityOverride { index } => &own[index as usize],
        };
        TracedFlag {
            feature: served.feature.id,
            name: served.feature.name.clone(),
            enabled: flag.enabled,
            value: flag.value.clone(),
            variant: state.variant(outcome.variant, flag.variant).map(str::to_owned),
            reason: flag.reason.to_string(),
            trace,
        }
    });
    flags.collect()
}
