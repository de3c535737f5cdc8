//! Tests of the crate's own promises, through its public functions.

mod answers;
mod copies;
mod document;
mod identities;
mod local_client;
mod local_evaluation;
mod publishing;

use std::sync::Arc;

use serde_json::Value;

use crate::testing::{HandClock, MADE_AT, MemoryIdentities, Sevens};
use crate::{
    Delivery, EnvironmentData, EnvironmentSnapshot, IdentifyError, IdentityCall, IdentityOptions, KeyKind,
    SentTrait, SnapshotOptions, trait_value_of_json,
};

/// A data plane that serves one environment.
struct Plane {
    delivery: Delivery,
    source: Arc<MemoryIdentities>,
    clock: Arc<HandClock>,
    snapshot: Arc<EnvironmentSnapshot>,
}

impl Plane {
    fn new(data: EnvironmentData) -> Self {
        Self::with(data, &SnapshotOptions::default(), IdentityOptions::default())
    }

    fn with(data: EnvironmentData, options: &SnapshotOptions, identities: IdentityOptions) -> Self {
        let source = Arc::new(MemoryIdentities::default());
        let clock = Arc::new(HandClock::at(MADE_AT.plus_seconds(60)));
        let delivery = Delivery::new(
            Arc::clone(&source) as Arc<_>,
            Arc::clone(&clock) as Arc<_>,
            identities,
        );
        let id = data.environment.id;
        delivery.publish(EnvironmentSnapshot::build(data, options));
        Self {
            snapshot: delivery.snapshot(id).unwrap(),
            delivery,
            source,
            clock,
        }
    }

    async fn identify(&self, kind: KeyKind, call: IdentityCall) -> Result<Value, IdentifyError> {
        let snapshot = Arc::clone(&self.snapshot);
        let identified = self.delivery.identify(snapshot, kind, call, &Sevens).await?;
        Ok(serde_json::from_slice(&identified.body()).unwrap())
    }

    /// The answer to a server key.
    async fn ask(&self, call: IdentityCall) -> Value {
        self.identify(KeyKind::Server, call).await.unwrap()
    }
}

fn call(identifier: &str, traits: &[(&str, Value)]) -> IdentityCall {
    IdentityCall {
        identifier: Some(identifier.to_owned()),
        is_transient: false,
        traits: traits
            .iter()
            .map(|(key, value)| sent(key, value, false))
            .collect(),
    }
}

fn sent(key: &str, value: &Value, is_transient: bool) -> SentTrait {
    SentTrait {
        key: key.to_owned(),
        value: trait_value_of_json(value),
        is_transient,
    }
}

/// The flag of a name in an answer about an identity.
fn flag<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let flags = answer["flags"].as_array().unwrap();
    flags.iter().find(|flag| flag["feature"]["name"] == name).unwrap()
}

/// The names in a list of flags.
fn names(flags: &Value) -> Vec<&str> {
    let flags = flags.as_array().unwrap();
    flags
        .iter()
        .map(|flag| flag["feature"]["name"].as_str().unwrap())
        .collect()
}
