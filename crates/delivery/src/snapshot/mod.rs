//! Snapshots: one environment, compiled and with its answers prepared.

mod catalogue;
mod context;
mod document;
mod fragments;
mod inspection;
mod prepared;
mod trace;

use std::collections::HashMap;

use bytes::Bytes;
use liftgate_engine::{Environment, Evaluation, FlagOutcome, IdentityContext, IdentityOverrides, Source};
use liftgate_model::{EnvironmentId, FeatureId, Timestamp};

use catalogue::{Catalogue, ServedIdentity, ServedState};
use fragments::{FragmentWriter, StateFragments, multivariate_options, ofrep};
pub(crate) use fragments::{Shape, json};
pub(crate) use inspection::inspect;
pub use inspection::{InspectedFlag, Inspection};
use prepared::PreparedByKind;
pub use prepared::{Encoding, PreparedAnswer, entity_tag};
pub use trace::TracedFlag;
pub(crate) use trace::trace;

use crate::data::{EnvironmentData, Stamp};
use crate::key::{KeyKind, Keys};

/// What an operator may choose about answers.
#[derive(Debug, Clone, Default)]
pub struct SnapshotOptions {
    /// Whether an environment default whose options an experiment has set to 0 still says `control`, as the reference
    /// does. Old clients then count everybody outside the cohort as control (contract, sdk-api section 9). Default: no.
    pub serve_control_outside_rollout: bool,
}

/// One environment as it is served: compiled for the engine, with its answers prepared. Immutable.
#[derive(Debug)]
pub struct EnvironmentSnapshot {
    id: EnvironmentId,
    api_key: String,
    revision: i64,
    updated_at: Timestamp,
    next_change: Option<Timestamp>,
    keys: Keys,
    is_stopped: bool,
    sends_updates: bool,
    allows_client_traits: bool,
    persists_traits: bool,
    hides_disabled_flags: bool,
    hides_sensitive_data: bool,
    compiled: Environment,
    features: Box<[FeatureAnswers]>,
    /// Feature indexes by lower-case name.
    by_name: HashMap<String, usize>,
    by_id: HashMap<FeatureId, usize>,
    /// By segment and override index.
    segments: Box<[Box<[StateFragments]>]>,
    identities: HashMap<Box<str>, IdentityAnswers>,
    flags: PreparedByKind,
    ofrep_flags: PreparedByKind,
    /// The member of OFREP answers that says where clients hear of changes, with the comma before it.
    ofrep_streams: Box<[u8]>,
    document: PreparedAnswer,
}

/// What one feature can answer.
#[derive(Debug)]
struct FeatureAnswers {
    id: FeatureId,
    is_server_key_only: bool,
    default: StateFragments,
    /// The flag without an identity.
    plain: Bytes,
    /// The same as OFREP has it.
    ofrep: Bytes,
    options: Bytes,
}

/// What the overrides of one identity can answer.
#[derive(Debug, Default)]
pub(crate) struct IdentityAnswers {
    compiled: IdentityOverrides,
    /// By the override's index.
    fragments: Box<[StateFragments]>,
}

impl EnvironmentSnapshot {
    /// Compiles what is stored and prepares the answers.
    pub fn build(data: EnvironmentData, options: &SnapshotOptions) -> Self {
        let catalogue = Catalogue::new(&data, options);
        let environment = &data.environment;
        let evaluated = context::evaluated(&catalogue);
        let compiled = context::compile(&catalogue, &context::context(&catalogue, &evaluated));
        let writer = FragmentWriter {
            environment: environment.id.0,
            hides_sensitive_data: environment.hide_sensitive_data,
            compiled: &compiled,
        };

        let nobody = IdentityOverrides::default();
        let features: Box<[FeatureAnswers]> = catalogue
            .features
            .iter()
            .enumerate()
            .map(|(index, served)| FeatureAnswers {
                id: served.feature.id,
                is_server_key_only: served.feature.is_server_key_only,
                default: writer.all(&served.default, Source::EnvironmentDefault, &nobody),
                plain: writer.plain(&served.default).into(),
                ofrep: ofrep::plain(&served.default).into(),
                options: multivariate_options(&catalogue, index).into(),
            })
            .collect();
        let in_segment = |(segment, served): (u32, &&catalogue::ServedSegment<'_>)| {
            let of = |(index, state): (u32, &ServedState<'_>)| {
                writer.all(state, Source::SegmentOverride { segment, index }, &nobody)
            };
            (0..).zip(&served.overrides).map(of).collect()
        };
        let segments = (0..).zip(&evaluated).map(in_segment).collect();
        let identities = catalogue
            .identities
            .iter()
            .map(|served| {
                (
                    served.identity.identifier.as_str().into(),
                    answers(served, &writer),
                )
            })
            .collect();
        let hides_disabled_flags = catalogue.hides_disabled_flags();
        let shown = |kind| {
            let is_shown = move |feature: &&FeatureAnswers| {
                feature.is_shown(kind, feature.default.is_enabled, hides_disabled_flags)
            };
            features.iter().filter(is_shown)
        };
        let streams = ofrep::event_streams(&data);
        let flags = |kind| json_list(shown(kind).map(|feature| feature.plain.as_ref())).into();
        let ofrep_flags = |kind| {
            let flags = json_list(shown(kind).map(|feature| feature.ofrep.as_ref()));
            ofrep::bulk(&flags, &streams)
        };
        let updated_at = environment.updated_at;
        Self {
            id: environment.id,
            revision: environment.revision,
            updated_at,
            next_change: data.scheduled.first().map(|version| version.live_from),
            keys: Keys::of(&data),
            is_stopped: data.organisation.stop_serving_flags,
            sends_updates: data.project.enable_realtime_updates,
            allows_client_traits: environment.allow_client_traits,
            persists_traits: data.organisation.persist_trait_data,
            hides_disabled_flags,
            hides_sensitive_data: environment.hide_sensitive_data,
            flags: PreparedByKind::new(flags, updated_at),
            ofrep_flags: PreparedByKind::new(ofrep_flags, updated_at),
            ofrep_streams: streams.into(),
            document: PreparedAnswer::new(document::document(&catalogue).into(), updated_at),
            by_name: (catalogue.features.iter().enumerate())
                .map(|(index, served)| (served.feature.name.to_lowercase(), index))
                .collect(),
            by_id: (catalogue.features.iter().enumerate())
                .map(|(index, served)| (served.feature.id, index))
                .collect(),
            compiled,
            features,
            segments,
            identities,
            api_key: data.environment.api_key,
        }
    }

    /// The environment.
    pub fn environment_id(&self) -> EnvironmentId {
        self.id
    }

    /// The environment's client-side key, under which its events are kept.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// How many changes of its answers the environment had seen.
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Which state of the environment this is.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            revision: self.revision,
            updated_at: self.updated_at,
        }
    }

    /// When the next version comes into force by itself, as far as that was known.
    pub(crate) fn next_change(&self) -> Option<Timestamp> {
        self.next_change
    }

    /// When the answers last changed.
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// The flags of the environment, without an identity: a JSON array.
    pub fn flags(&self, kind: KeyKind) -> &PreparedAnswer {
        self.flags.get(kind)
    }

    /// One flag of the environment, without an identity: a JSON object. The case of the name does not matter.
    pub fn flag(&self, kind: KeyKind, feature_name: &str) -> Option<Bytes> {
        let index = self.by_name.get(&feature_name.to_lowercase())?;
        let feature = &self.features[*index];
        feature
            .is_shown(kind, feature.default.is_enabled, self.hides_disabled_flags)
            .then(|| feature.plain.clone())
    }

    /// OFREP's answer about all flags of the environment, without an identity: a JSON object.
    pub fn ofrep_flags(&self, kind: KeyKind) -> &PreparedAnswer {
        self.ofrep_flags.get(kind)
    }

    /// One flag of the environment in OFREP's shape, without an identity: a JSON object. Names are told apart by case.
    pub fn ofrep_flag(&self, kind: KeyKind, feature_name: &str) -> Option<Bytes> {
        let feature = &self.features[self.compiled.feature_index(feature_name)?];
        feature
            .is_shown(kind, feature.default.is_enabled, self.hides_disabled_flags)
            .then(|| feature.ofrep.clone())
    }

    /// The values a feature can take, control and options: a JSON object.
    pub fn multivariate_options(&self, kind: KeyKind, feature: FeatureId) -> Option<Bytes> {
        let feature = &self.features[*self.by_id.get(&feature)?];
        feature.is_visible(kind).then(|| feature.options.clone())
    }

    /// The feature of that name; names are told apart by case.
    pub fn feature_id(&self, feature_name: &str) -> Option<FeatureId> {
        let index = self.compiled.feature_index(feature_name)?;
        Some(self.features[index].id)
    }

    /// Whether the environment has the feature.
    pub fn has_feature(&self, feature: FeatureId) -> bool {
        self.by_id.contains_key(&feature)
    }

    /// The environment document.
    pub fn document(&self) -> &PreparedAnswer {
        &self.document
    }

    /// Whether clients are told when the answers change.
    pub fn sends_updates(&self) -> bool {
        self.sends_updates
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    pub(crate) fn hides_sensitive_data(&self) -> bool {
        self.hides_sensitive_data
    }

    /// Whether traits sent with this kind of key are looked at.
    pub fn takes_traits(&self, kind: KeyKind) -> bool {
        self.allows_client_traits || kind == KeyKind::Server
    }

    /// Whether traits are stored.
    pub fn persists_traits(&self) -> bool {
        self.persists_traits
    }

    /// Notes which snapshot was served before this one.
    pub(crate) fn succeed(&mut self, earlier: &Self) {
        self.keys.succeed(&earlier.keys);
        self.flags.succeed(&earlier.flags);
        self.ofrep_flags.succeed(&earlier.ofrep_flags);
        self.document.succeed(&earlier.document);
    }

    /// Evaluates every flag for an identity with the overrides of its identifier.
    pub(crate) fn evaluate(&self, identity: &IdentityContext) -> Evaluation {
        match self.identities.get(identity.identifier.as_str()) {
            Some(own) => self.compiled.evaluate_with_overrides(identity, &own.compiled),
            None => self.compiled.evaluate(identity),
        }
    }

    /// Appends the flags of an evaluation for this identifier, separated by commas.
    pub(crate) fn write_flags(
        &self,
        kind: KeyKind,
        identifier: &str,
        evaluation: &Evaluation,
        shape: Shape,
        out: &mut Vec<u8>,
    ) {
        let own = self.identities.get(identifier);
        let mut is_first = true;
        for (index, outcome) in evaluation.flags().iter().enumerate() {
            if let Some(fragments) = self.shown(kind, index, *outcome, own) {
                if !std::mem::take(&mut is_first) {
                    out.push(b',');
                }
                fragments.write(*outcome, shape, out);
            }
        }
    }

    /// OFREP's answer with these flags, a JSON array.
    pub(crate) fn ofrep_bulk(&self, flags: &[u8]) -> Bytes {
        ofrep::bulk(flags, &self.ofrep_streams)
    }

    /// One flag, evaluated for this identity: a JSON object.
    pub(crate) fn flag_of(
        &self,
        kind: KeyKind,
        identity: &IdentityContext,
        feature_name: &str,
        shape: Shape,
    ) -> Option<Bytes> {
        let index = self.compiled.feature_index(feature_name)?;
        let own = self.identities.get(identity.identifier.as_str());
        let none = IdentityOverrides::default();
        let overrides = own.map_or(&none, |own| &own.compiled);
        let outcome = self.compiled.evaluate_flag(index, identity, overrides);
        let fragments = self.shown(kind, index, outcome, own)?;
        let mut json = Vec::new();
        fragments.write(outcome, shape, &mut json);
        Some(json.into())
    }

    /// The fragments of an outcome, unless it is hidden.
    fn shown<'s>(
        &'s self,
        kind: KeyKind,
        feature: usize,
        outcome: FlagOutcome,
        own: Option<&'s IdentityAnswers>,
    ) -> Option<&'s StateFragments> {
        let answers = &self.features[feature];
        let fragments = match outcome.source {
            Source::EnvironmentDefault => &answers.default,
            Source::SegmentOverride { segment, index } => &self.segments[segment as usize][index as usize],
            Source::IdentityOverride { index } => own?.fragments.get(index as usize)?,
        };
        answers
            .is_shown(kind, fragments.is_enabled, self.hides_disabled_flags)
            .then_some(fragments)
    }
}

impl FeatureAnswers {
    fn is_visible(&self, kind: KeyKind) -> bool {
        kind == KeyKind::Server || !self.is_server_key_only
    }

    fn is_shown(&self, kind: KeyKind, is_enabled: bool, hides_disabled_flags: bool) -> bool {
        self.is_visible(kind) && (is_enabled || !hides_disabled_flags)
    }
}

fn answers(served: &ServedIdentity<'_>, writer: &FragmentWriter<'_>) -> IdentityAnswers {
    let contexts: Vec<_> = served.overrides.iter().map(context::feature).collect();
    let compiled = IdentityOverrides::compile(writer.compiled, &contexts);
    let of = |(index, state): (u32, &ServedState<'_>)| {
        writer.all(state, Source::IdentityOverride { index }, &compiled)
    };
    let fragments = (0..).zip(&served.overrides).map(of).collect();
    IdentityAnswers { compiled, fragments }
}

fn json_list<'b>(items: impl Iterator<Item = &'b [u8]>) -> Vec<u8> {
    let items: Vec<&[u8]> = items.collect();
    [b"[".as_slice(), &items.join(&b","[..]), b"]"].concat()
}
