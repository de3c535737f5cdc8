//! OFREP 0.3, the protocol of OpenFeature's remote providers (contract, sdk-api section 11). Nothing is ever stored.
//!
//! A boolean flag of OpenFeature is a flag without a value: it answers with its switch.

mod bulk;
mod context;
pub(crate) mod error;
mod key;
mod single;

use liftgate_delivery::Identified;

use self::context::Context;
use self::error::OfrepError;
use super::{EnvironmentKey, SdkState, identities};
use crate::operations;
use crate::router::Routes;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(single::evaluate, bulk::evaluate)
}

/// Evaluates for whom the context names: `None` for nobody, who gets the flags of the environment.
async fn identify(
    key: &EnvironmentKey,
    state: &SdkState,
    context: Context,
) -> Result<Option<Identified>, OfrepError> {
    match context.into_call() {
        None => Ok(None),
        Some(call) => Ok(Some(identities::evaluate(key.clone(), state, call).await?)),
    }
}
