//! The event names in a file, kept in its footer so that listing them reads no rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The footer's key.
pub(crate) const FOOTER_KEY: &str = "liftgate.event_names";

/// Names kept in a footer; a file with more keeps none and is read instead.
const MAX_NAMES: usize = 4_096;

/// The names of the events in a file, each with its latest timestamp.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Summary {
    names: BTreeMap<String, i64>,
}

impl Summary {
    /// Takes an event into account.
    pub(crate) fn add(&mut self, event: &str, timestamp_ms: i64) {
        if self.names.len() > MAX_NAMES {
            return;
        }
        match self.names.get_mut(event) {
            Some(latest) => *latest = timestamp_ms.max(*latest),
            None => {
                self.names.insert(event.to_owned(), timestamp_ms);
            }
        }
    }

    /// Returns the summary as the footer's text, `None` when there are too many names.
    pub(crate) fn to_footer(&self) -> Option<String> {
        if self.names.len() > MAX_NAMES {
            None
        } else {
            serde_json::to_string(self).ok()
        }
    }

    /// Reads the footer's text; `None` when it cannot be understood.
    pub(crate) fn from_footer(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The names, each with its latest timestamp in milliseconds.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, i64)> {
        self.names
            .iter()
            .map(|(name, &latest_ms)| (name.as_str(), latest_ms))
    }
}
