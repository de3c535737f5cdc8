//! What the SDK routes can reach: no database among it.

use std::sync::Arc;

use liftgate_delivery::Delivery;
use liftgate_events::EventSink;
use liftgate_model::{Clock, Random};

use super::stream::Streams;

/// The state of the SDK routes; cheap to clone.
#[derive(Clone)]
pub struct SdkState {
    /// What is served.
    pub delivery: Arc<Delivery>,
    /// Where events go.
    pub events: Arc<dyn EventSink>,
    /// The current time.
    pub clock: Arc<dyn Clock>,
    /// Names for those who have none.
    pub random: Arc<dyn Random>,
    /// The streams of notices.
    pub streams: Streams,
}
