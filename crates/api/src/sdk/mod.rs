//! The SDK API: what flags are, for whom, and what was seen (contract, sdk-api). Reads are answered from
//! [`Delivery`](liftgate_delivery::Delivery) alone and never ask a database.
//!
//! To add a route: a folder here, whose handlers take [`EnvironmentKey`] or [`ServerKey`] first, and a line in
//! [`routes`].

mod agent;
pub mod analytics;
mod coding;
mod conditional;
pub mod environment_document;
pub mod events;
pub mod flags;
pub mod identities;
mod key;
pub mod legacy;
pub mod ofrep;
mod prepared;
mod reply;
mod state;
pub mod stream;
#[cfg(test)]
mod tests;
pub mod traits;
mod usage;

pub use key::{EnvironmentKey, ServerKey, TraitsKey};
pub use state::SdkState;

use crate::router::Routes;

/// Every route of the SDK API.
pub fn routes() -> Routes<SdkState> {
    Routes::new()
        .merge(analytics::routes())
        .merge(environment_document::routes())
        .merge(events::routes())
        .merge(flags::routes())
        .merge(identities::routes())
        .merge(stream::routes())
        .merge(legacy::routes())
        .merge(ofrep::routes())
        .merge(traits::routes())
}
