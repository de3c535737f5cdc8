//! Environments made by hand, and a source of identities in memory: for tests, here and in other crates.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use liftgate_model::account::Organisation;
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::feature_state::{Allocation, FeatureSegment, FeatureState, Line};
use liftgate_model::identity::{Identity, Trait, TraitValue};
use liftgate_model::project::Project;
use liftgate_model::segment::{Condition, Operator, Rule, RuleType, Segment};
use liftgate_model::{
    AllocationId, Clock, EnvironmentId, ExperimentId, FeatureId, FeatureSegmentId, FeatureStateId, FlagValue,
    IdentityId, Leftovers, OptionId, OrganisationId, ProjectId, Random, SegmentId, Timestamp, TraitId,
};
use uuid::Uuid;

use crate::{
    EnvironmentData, ExperimentInForce, IdentitySource, IncrementOutcome, KeyDigest, ServerKeyData,
    SourceError, StoredIdentity, TraitChanges, TraitIncrement,
};

/// The client-side key of [`environment`].
pub const CLIENT_KEY: &str = "CLIENT_KEY";

/// The server-side key of [`environment`].
pub const SERVER_KEY: &str = "ser.SERVER_KEY";

/// When everything was made: 2026-11-22T11:35:21.241593Z.
pub const MADE_AT: Timestamp = Timestamp(1_795_347_321_241_593);

/// An environment without features; id 1, one server-side key.
pub fn environment() -> EnvironmentData {
    EnvironmentData {
        environment: Environment {
            id: EnvironmentId(1),
            uuid: Uuid::from_u128(1),
            name: "Production".to_owned(),
            api_key: CLIENT_KEY.to_owned(),
            description: None,
            project: ProjectId(1),
            minimum_change_request_approvals: None,
            allow_client_traits: true,
            banner_text: None,
            banner_colour: None,
            hide_disabled_flags: None,
            hide_sensitive_data: false,
            use_identity_composite_key_for_hashing: true,
            use_v2_feature_versioning: false,
            use_identity_overrides_in_local_eval: true,
            created_at: MADE_AT,
            updated_at: MADE_AT,
            revision: 1,
        },
        project: Project {
            id: ProjectId(1),
            uuid: Uuid::from_u128(2),
            name: "Shop".to_owned(),
            organisation: OrganisationId(1),
            hide_disabled_flags: false,
            prevent_flag_defaults: false,
            enable_realtime_updates: false,
            only_allow_lower_case_feature_names: true,
            feature_name_regex: None,
            stale_flags_limit_days: 30,
            minimum_change_request_approvals: None,
            enforce_feature_owners: false,
            created_at: MADE_AT,
        },
        organisation: Organisation {
            id: OrganisationId(1),
            uuid: Uuid::from_u128(3),
            name: "Acme".to_owned(),
            created_at: MADE_AT,
            webhook_notification_email: None,
            persist_trait_data: true,
            stop_serving_flags: false,
            restrict_project_create_to_admin: false,
            force_2fa: false,
        },
        keys: vec![ServerKeyData {
            digest: KeyDigest::of(SERVER_KEY),
            is_active: true,
            expires_at: None,
        }],
        features: Vec::new(),
        options: HashMap::new(),
        states: Vec::new(),
        segments: Vec::new(),
        identity_overrides: Vec::new(),
        experiments: Vec::new(),
        scheduled: Vec::new(),
    }
}

/// Adds to an environment. Ids count up; those of states start at 100, those of allocations at 1,000.
impl EnvironmentData {
    /// A standard feature with its default.
    pub fn add_feature(&mut self, name: &str, enabled: bool, value: FlagValue) -> FeatureId {
        let id = FeatureId(next(self.features.len()));
        self.features.push(Feature {
            id,
            uuid: Uuid::from_u128(10_000 + u128::from(id.0.unsigned_abs())),
            project: self.project.id,
            name: name.to_owned(),
            kind: FeatureType::Standard,
            initial_value: Some(value.to_text()),
            default_enabled: false,
            description: Some("What it is for".to_owned()),
            is_archived: false,
            is_server_key_only: false,
            created_at: MADE_AT,
            tags: Vec::new(),
            owners: Vec::new(),
            group_owners: Vec::new(),
        });
        let state = self.state(id, Line::Default, enabled, value, &[]);
        self.states.push(state);
        id
    }

    /// A multivariate feature with its default; `options` are key, value and percentage.
    pub fn add_multivariate(
        &mut self,
        name: &str,
        enabled: bool,
        options: &[(Option<&str>, &str, f64)],
    ) -> FeatureId {
        let id = self.add_feature(name, enabled, FlagValue::Text("control-value".to_owned()));
        let count: usize = self.options.values().map(Vec::len).sum();
        let option = |(position, (key, value, percentage)): (usize, &(Option<&str>, &str, f64))| {
            let option = next(count + position);
            MultivariateOption {
                id: OptionId(option),
                uuid: Uuid::from_u128(20_000 + u128::from(option.unsigned_abs())),
                feature: id,
                key: key.map(str::to_owned),
                value: FlagValue::Text((*value).to_owned()),
                default_percentage_allocation: *percentage,
            }
        };
        self.options
            .insert(id, options.iter().enumerate().map(option).collect());
        if let Some(feature) = self.features.last_mut() {
            feature.kind = FeatureType::Multivariate;
        }
        self.states.pop();
        let shares: Vec<f64> = options.iter().map(|(_, _, percentage)| *percentage).collect();
        let value = FlagValue::Text("control-value".to_owned());
        let state = self.state(id, Line::Default, enabled, value, &shares);
        self.states.push(state);
        id
    }

    /// A segment of everybody for whom one condition holds.
    pub fn add_segment(&mut self, name: &str, property: &str, operator: Operator, value: &str) -> SegmentId {
        self.add_segment_of_rules(
            name,
            vec![Rule {
                id: 0,
                kind: RuleType::All,
                rules: Vec::new(),
                conditions: vec![Condition {
                    id: 0,
                    operator,
                    property: Some(property.to_owned()),
                    value: Some(value.to_owned()),
                    description: None,
                }],
            }],
        )
    }

    /// A segment.
    pub fn add_segment_of_rules(&mut self, name: &str, rules: Vec<Rule>) -> SegmentId {
        let id = SegmentId(next(self.segments.len()));
        self.segments.push(Segment {
            id,
            uuid: Uuid::from_u128(30_000 + u128::from(id.0.unsigned_abs())),
            project: self.project.id,
            name: name.to_owned(),
            description: None,
            feature: None,
            is_system: false,
            rules,
            created_at: MADE_AT,
            updated_at: MADE_AT,
        });
        id
    }

    /// A segment override; `shares` are the percentages of the feature's options.
    pub fn override_segment(
        &mut self,
        feature: FeatureId,
        segment: SegmentId,
        priority: i32,
        enabled: bool,
        value: FlagValue,
        shares: &[f64],
    ) {
        let mut state = self.state(feature, Line::Segment(segment), enabled, value, shares);
        state.feature_segment = Some(FeatureSegment {
            id: FeatureSegmentId(state.id.0 + 400),
            uuid: Uuid::from_u128(40_000 + u128::from(state.id.0.unsigned_abs())),
            feature,
            segment,
            environment: self.environment.id,
            priority,
            version: None,
        });
        self.states.push(state);
    }

    /// An override of an identity, whose id comes from its place.
    pub fn override_identity(
        &mut self,
        identifier: &str,
        feature: FeatureId,
        enabled: bool,
        value: FlagValue,
        shares: &[f64],
    ) {
        let known = self
            .identity_overrides
            .iter()
            .position(|(identity, _)| identity.identifier == identifier);
        let at = known.unwrap_or(self.identity_overrides.len());
        let state = self.state(
            feature,
            Line::Identity(IdentityId(next(at))),
            enabled,
            value,
            shares,
        );
        if known.is_none() {
            let identity = Identity {
                id: IdentityId(next(at)),
                identifier: identifier.to_owned(),
                environment: self.environment.id,
                created_at: MADE_AT,
            };
            self.identity_overrides.push((identity, Vec::new()));
        }
        self.identity_overrides[at].1.push(state);
    }

    /// A running experiment that owns the default.
    pub fn run_experiment(&mut self, feature: FeatureId, rollout_segment: SegmentId) {
        self.experiments.push(ExperimentInForce {
            id: ExperimentId(7),
            name: "Checkout test".to_owned(),
            feature,
            rollout_segment: Some(rollout_segment),
            is_running: true,
            owns_default: true,
        });
    }

    fn state(
        &self,
        feature: FeatureId,
        line: Line,
        enabled: bool,
        value: FlagValue,
        shares: &[f64],
    ) -> FeatureState {
        let identity_states: usize = self
            .identity_overrides
            .iter()
            .map(|(_, states)| states.len())
            .sum();
        let id = 99 + next(self.states.len() + identity_states);
        let options = self.options.get(&feature).map_or(&[][..], Vec::as_slice);
        let allocations = (0..).zip(options.iter().zip(shares));
        FeatureState {
            id: FeatureStateId(id),
            uuid: Uuid::from_u128(50_000 + u128::from(id.unsigned_abs())),
            feature,
            environment: self.environment.id,
            line,
            feature_segment: None,
            enabled,
            leftovers: Leftovers::from(value.clone()),
            value,
            salt: id,
            version: None,
            created_at: MADE_AT,
            updated_at: MADE_AT,
            allocations: allocations
                .map(|(position, (option, percentage))| Allocation {
                    id: AllocationId(id * 10 + position),
                    uuid: Uuid::from_u128(60_000 + u128::from(id.unsigned_abs()) * 10),
                    option: option.id,
                    percentage: *percentage,
                })
                .collect(),
        }
    }
}

fn next(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX - 1_000_000) + 1
}

/// A clock that stands until it is set.
#[derive(Debug)]
pub struct HandClock(AtomicI64);

impl HandClock {
    /// A clock that shows this time.
    pub fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves the clock on.
    pub fn advance_ms(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Always the same bytes.
#[derive(Debug, Clone, Copy)]
pub struct Sevens;

impl Random for Sevens {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// Identities in memory, with a switch that takes them away.
#[derive(Debug, Default)]
pub struct MemoryIdentities {
    identities: Mutex<HashMap<(EnvironmentId, String), StoredIdentity>>,
    failure: Mutex<Option<SourceError>>,
    loads: AtomicUsize,
    writes: AtomicUsize,
    last_id: AtomicI64,
}

impl MemoryIdentities {
    /// Lets every call fail like this from now on, or none.
    pub fn fail(&self, failure: Option<SourceError>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }

    /// How many loads there were.
    pub fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// How many writes there were.
    pub fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }

    /// The identity of the environment with id 1, as it is stored.
    pub fn stored(&self, identifier: &str) -> Option<StoredIdentity> {
        let identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        identities
            .get(&(EnvironmentId(1), identifier.to_owned()))
            .cloned()
    }

    fn failure(&self) -> Result<(), SourceError> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .map_or(Ok(()), Err)
    }

    fn next_id(&self) -> i32 {
        i32::try_from(self.last_id.fetch_add(1, Ordering::SeqCst) + 1).unwrap_or(i32::MAX)
    }
}

#[async_trait]
impl IdentitySource for MemoryIdentities {
    async fn load(
        &self,
        environment: EnvironmentId,
        identifier: &str,
    ) -> Result<Option<StoredIdentity>, SourceError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        self.failure()?;
        let found = {
            let identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
            identities.get(&(environment, identifier.to_owned())).cloned()
        };
        // Gives others the chance to come between the reading and the answer.
        tokio::task::yield_now().await;
        Ok(found)
    }

    async fn apply(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        changes: TraitChanges,
    ) -> Result<StoredIdentity, SourceError> {
        self.failure()?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        let changed = {
            let mut identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
            let identity = identities
                .entry((environment, identifier.to_owned()))
                .or_insert_with(|| StoredIdentity {
                    id: IdentityId(self.next_id()),
                    traits: Vec::new(),
                });
            identity
                .traits
                .retain(|stored| !changes.delete.contains(&stored.key));
            for (key, value) in changes.set {
                match identity.traits.iter_mut().find(|stored| stored.key == key) {
                    Some(stored) => stored.value = value,
                    None => identity.traits.push(Trait {
                        id: TraitId(self.next_id()),
                        identity: identity.id,
                        key,
                        value,
                        created_at: MADE_AT,
                    }),
                }
            }
            identity.clone()
        };
        tokio::task::yield_now().await;
        Ok(changed)
    }
    async fn increment(
        &self,
        environment: EnvironmentId,
        identifier: &str,
        increment: &TraitIncrement,
    ) -> Result<IncrementOutcome, SourceError> {
        self.failure()?;
        let before = {
            let identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
            let identity = identities.get(&(environment, identifier.to_owned()));
            let traits = identity.map_or(&[][..], |identity| &identity.traits);
            let stored = traits.iter().find(|stored| stored.key == increment.key);
            stored.map(|stored| stored.value.clone())
        };
        // Two that come between each other here would lose one: the turns of the data plane must keep them apart.
        tokio::task::yield_now().await;
        let value = match before {
            None => increment.by,
            Some(TraitValue::Integer(before)) => match before.checked_add(increment.by) {
                Some(value) => value,
                None => return Ok(IncrementOutcome::OutOfRange),
            },
            Some(_) => return Ok(IncrementOutcome::NotAnInteger),
        };
        let changes = TraitChanges {
            set: vec![(increment.key.clone(), TraitValue::Integer(value))],
            delete: Vec::new(),
        };
        let identity = self.apply(environment, identifier, changes).await?;
        Ok(IncrementOutcome::Stored { identity, value })
    }
}
