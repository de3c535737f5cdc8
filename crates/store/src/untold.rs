//! Identities whose stored traits changed here, until the other nodes are told.

use liftgate_model::EnvironmentId;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// An identity by its identifier; without one, all of the environment.
pub(crate) type Named = (EnvironmentId, Option<String>);

/// Identities remembered until they are told; beyond, environments are told as a whole.
const NAMES: usize = 10_000;

/// Bytes of a message; Postgres takes less than 8,000.
const MESSAGE_BYTES: usize = 7_900;

/// What waits to be told.
#[derive(Debug, Default)]
pub(crate) struct Untold {
    names: Mutex<BTreeSet<Named>>,
    wake: Notify,
}

impl Untold {
    /// Adds to what is to be told.
    pub(crate) fn add(&self, new: impl IntoIterator<Item = Named>) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.extend(new);
        if names.len() > NAMES {
            *names = names
                .iter()
                .map(|(environment, _)| (*environment, None))
                .collect();
        }
        self.wake.notify_one();
    }

    /// Waits until there is something.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }

    /// What is to be told, which is then nothing.
    pub(crate) fn take(&self) -> BTreeSet<Named> {
        std::mem::take(&mut *self.names.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Names as messages: JSON lists of pairs. An identity whose name fills a message by itself is told as its environment.
pub(crate) fn messages<'a>(names: impl IntoIterator<Item = &'a Named>) -> Vec<String> {
    let mut messages = Vec::new();
    let mut message = String::new();
    for (environment, identifier) in names {
        let mut pair = serde_json::json!([environment, identifier]).to_string();
        if pair.len() + 2 > MESSAGE_BYTES {
            pair = serde_json::json!([environment, null]).to_string();
        }
        if !message.is_empty() && message.len() + pair.len() + 2 > MESSAGE_BYTES {
            messages.push(std::mem::take(&mut message) + "]");
        }
        message.push(if message.is_empty() { '[' } else { ',' });
        message.push_str(&pair);
    }
    if !message.is_empty() {
        messages.push(message + "]");
    }
    messages
}

/// The names of a message; `None` when it is none of ours.
pub(crate) fn read(message: &str) -> Option<Vec<Named>> {
    serde_json::from_str(message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[Named]) -> Vec<Named> {
        let messages = messages(names);
        assert!(messages.iter().all(|message| message.len() < 8_000));
        messages
            .iter()
            .flat_map(|message| read(message).unwrap())
            .collect()
    }

    #[test]
    fn what_is_told_is_what_is_read() {
        let environment = EnvironmentId(7);
        let names: Vec<Named> = (0..2_000)
            .map(|number| (environment, Some(format!("'\"\\\u{0}é{number}"))))
            .chain([(environment, None)])
            .collect();
        assert_eq!(told(&names), names);
        assert!(messages(&names).len() > 1);
        assert_eq!(told(&[]), []);
        let long = (environment, Some("\u{1F600}".repeat(2_000)));
        assert_eq!(told(&[long]), [(environment, None)]);
        assert_eq!(read("something else"), None);
    }

    #[test]
    fn too_many_become_their_environments() {
        let untold = Untold::default();
        let name = |number: i32| (EnvironmentId(number % 2), Some(number.to_string()));
        untold.add((0..10_000).map(name));
        assert_eq!(untold.take().len(), 10_000);
        untold.add((0..10_001).map(name));
        let all: Vec<Named> = untold.take().into_iter().collect();
        assert_eq!(all, [(EnvironmentId(0), None), (EnvironmentId(1), None)]);
    }
}
