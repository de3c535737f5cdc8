//! Traits of identities without an evaluation: for older SDKs and for scripts (contract, sdk-api section 4).

mod bulk;
mod increment;
mod set;
pub(super) mod wire;

use liftgate_delivery::SentTrait;
use liftgate_model::EnvironmentId;

use super::{SdkState, TraitsKey, identities};
use crate::error::ApiError;
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(set::set, bulk::set_many, increment::increment)
}

impl TraitsKey {
    fn environment(&self) -> EnvironmentId {
        self.0.snapshot.environment_id()
    }

    /// Stores traits of an identity.
    pub(super) async fn store(
        &self,
        state: &SdkState,
        identifier: &str,
        traits: &[SentTrait],
    ) -> Result<(), ApiError> {
        let stored = state
            .delivery
            .store_traits(self.environment(), identifier, traits)
            .await;
        stored.map_err(identities::refuse)
    }
}
