//! Identity overrides: feature states of one identity, which win over everything.

use crate::Environment;
use crate::context::FeatureContext;
use crate::evaluation::compact;
use crate::state::State;

/// The compiled overrides of one identity, tied to the environment they were compiled for.
#[derive(Debug, Default)]
pub struct IdentityOverrides {
    /// Sorted by feature.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    feature: u32,
    given: u32,
    state: State,
}

impl IdentityOverrides {
    /// Compiles feature states against an environment. A state's index is its position among those given; states of
    /// features the environment does not have are left out, and of two for one feature the first counts.
    pub fn compile<'c>(
        environment: &Environment,
        overrides: impl IntoIterator<Item = &'c FeatureContext>,
    ) -> Self {
        let mut entries: Vec<Entry> = overrides
            .into_iter()
            .enumerate()
            .filter_map(|(given, feature)| {
                Some(Entry {
                    feature: compact(environment.feature_index(&feature.name)?),
                    given: compact(given),
                    state: State::compile(feature),
                })
            })
            .collect();
        entries.sort_by_key(|entry| entry.feature);
        entries.dedup_by_key(|entry| entry.feature);
        Self { entries }
    }

    /// The state at an index of [`Source::IdentityOverride`](crate::Source::IdentityOverride).
    pub fn state(&self, index: u32) -> Option<&State> {
        self.entries
            .iter()
            .find(|entry| entry.given == index)
            .map(|entry| &entry.state)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The override of a feature, with its index.
    pub(crate) fn of_feature(&self, feature: usize) -> Option<(u32, &State)> {
        let at = self
            .entries
            .binary_search_by_key(&feature, |entry| entry.feature as usize)
            .ok()?;
        let entry = &self.entries[at];
        Some((entry.given, &entry.state))
    }
}
