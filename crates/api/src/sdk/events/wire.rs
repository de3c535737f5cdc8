//! What callers send; each event is judged by itself in [`verdict`](super::verdict).

use serde_json::Value;
use utoipa::ToSchema;

/// A batch of at most 1,000 events.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read event by event")]
pub(super) struct EventBatch {
    events: Vec<NewEvent>,
}

/// Something that happened.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body, which is read event by event")]
pub(super) struct NewEvent {
    /// A name, or `$flag_exposure`; other names must not start with `$`.
    #[schema(max_length = 256)]
    event: String,
    /// The feature of an exposure.
    #[schema(max_length = 2000)]
    feature_name: Option<String>,
    /// Who did it.
    #[schema(max_length = 2000)]
    identifier: Option<String>,
    /// The variant of an exposure, the value of a metric; kept as text.
    value: Option<Value>,
    /// Traits at that time, at most 32 KiB.
    #[schema(value_type = Option<Object>)]
    traits: Option<Value>,
    /// Whatever else is worth knowing, at most 8 KiB.
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
    /// Milliseconds since 1970 by the client's clock: after 2020-01-01, at most 24 hours ahead.
    timestamp: i64,
}
