//! What the results of an experiment come to beyond their totals.

use crate::Timestamp;
use crate::metric::wire_enum;
use serde_json::Value;

wire_enum! {
    /// How the results of an experiment are broken down.
    BreakdownKind {
        /// Day by day.
        Series = "series",
        /// By what the identities were when they were first exposed.
        Dimensions = "dimensions",
    }
}

/// What the last run of the results of an experiment found.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// Of which kind.
    pub kind: BreakdownKind,
    /// When the run began.
    pub as_of: Timestamp,
    /// What it found.
    pub payload: Value,
}

impl Breakdown {
    /// Whether the experiment had ended when the run began, so that it stays as it is.
    pub fn is_final(&self, ended_at: Option<Timestamp>) -> bool {
        ended_at.is_some_and(|ended| self.as_of >= ended)
    }
}
