//! How often what is served is asked for, and how often features are evaluated: counted in memory, so that a read never
//! waits for a database, and taken from here by a job that stores it.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use liftgate_model::usage::{Day, EvaluationCount, Labels, RequestCount, Resource};
use liftgate_model::{EnvironmentId, FeatureId, Timestamp};

/// Most counters of either kind between two stores. Callers who would need another one are not counted.
const COUNTERS: usize = 50_000;
/// Most combinations of labels of an environment in a day. Callers of others count without labels, so that nobody can
/// fill the database with names.
const LABELS_PER_DAY: usize = 100;
/// Most days and environments whose combinations of labels are remembered; beyond it callers count without labels.
const LABELLED_DAYS: usize = 20_000;

/// Counts since the last time they were taken.
#[derive(Debug, Default)]
pub struct UsageCounters(Mutex<Pending>);

#[derive(Debug, Default)]
struct Pending {
    requests: HashMap<(EnvironmentId, Day, Resource, Labels), i64>,
    evaluations: HashMap<(EnvironmentId, FeatureId, Day, Labels), i64>,
    labels: HashMap<(EnvironmentId, Day), HashSet<Labels>>,
    uncounted: u64,
}

/// What was counted. No two items of a list differ in their count only, and the lists are sorted, so that all who store
/// them do so in one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageCounts {
    /// Requests of SDKs.
    pub requests: Vec<RequestCount>,
    /// Evaluations of features.
    pub evaluations: Vec<EvaluationCount>,
    /// How many calls were not counted, for want of room.
    pub uncounted: u64,
}

impl UsageCounters {
    /// Counts a request.
    pub fn add_request(
        &self,
        environment: EnvironmentId,
        resource: Resource,
        labels: Labels,
        now: Timestamp,
    ) {
        let pending = &mut *self.lock();
        let day = Day::of(now);
        let labels = pending.admit(environment, day, labels);
        let key = (environment, day, resource, labels);
        add(&mut pending.requests, key, 1, &mut pending.uncounted);
    }

    /// Counts evaluations of features; those of 0 or fewer do not count.
    pub fn add_evaluations(
        &self,
        environment: EnvironmentId,
        evaluations: impl IntoIterator<Item = (FeatureId, i64)>,
        labels: Labels,
        now: Timestamp,
    ) {
        let pending = &mut *self.lock();
        let day = Day::of(now);
        let labels = pending.admit(environment, day, labels);
        for (feature, count) in evaluations.into_iter().filter(|(_, count)| *count > 0) {
            let key = (environment, feature, day, labels.clone());
            add(&mut pending.evaluations, key, count, &mut pending.uncounted);
        }
    }

    /// Takes everything that was counted.
    pub fn take(&self, now: Timestamp) -> UsageCounts {
        let (requests, evaluations, uncounted) = {
            let pending = &mut *self.lock();
            let today = Day::of(now);
            pending.labels.retain(|(_, day), _| *day >= today);
            (
                mem::take(&mut pending.requests),
                mem::take(&mut pending.evaluations),
                mem::take(&mut pending.uncounted),
            )
        };
        let mut counts = UsageCounts {
            requests: Vec::with_capacity(requests.len()),
            evaluations: Vec::with_capacity(evaluations.len()),
            uncounted,
        };
        for ((environment, day, resource, labels), count) in requests {
            counts.requests.push(RequestCount {
                environment,
                day,
                resource,
                labels,
                count,
            });
        }
        for ((environment, feature, day, labels), count) in evaluations {
            counts.evaluations.push(EvaluationCount {
                environment,
                feature,
                day,
                labels,
                count,
            });
        }
        counts.requests.sort_unstable();
        counts.evaluations.sort_unstable();
        counts
    }

    /// Gives back what was taken and could not be stored.
    pub fn give_back(&self, counts: UsageCounts) {
        let pending = &mut *self.lock();
        for item in counts.requests {
            let key = (item.environment, item.day, item.resource, item.labels);
            add(&mut pending.requests, key, item.count, &mut pending.uncounted);
        }
        for item in counts.evaluations {
            let key = (item.environment, item.feature, item.day, item.labels);
            add(&mut pending.evaluations, key, item.count, &mut pending.uncounted);
        }
        pending.uncounted += counts.uncounted;
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    /// The labels, or none where there are too many of them.
    fn admit(&mut self, environment: EnvironmentId, day: Day, labels: Labels) -> Labels {
        if labels == Labels::default() {
            return labels;
        }
        let has_room = self.labels.len() < LABELLED_DAYS || self.labels.contains_key(&(environment, day));
        if !has_room {
            return Labels::default();
        }
        let known = self.labels.entry((environment, day)).or_default();
        if known.contains(&labels) {
            return labels;
        }
        if known.len() < LABELS_PER_DAY {
            known.insert(labels.clone());
            labels
        } else {
            Labels::default()
        }
    }
}

/// Adds to a counter. Where there is no room for one more, the call is one that is not counted.
fn add<K: std::hash::Hash + Eq>(counters: &mut HashMap<K, i64>, key: K, by: i64, uncounted: &mut u64) {
    if let Some(count) = counters.get_mut(&key) {
        *count = count.saturating_add(by);
    } else if counters.len() < COUNTERS {
        counters.insert(key, by);
    } else {
        *uncounted += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Timestamp = Timestamp(86_400_000_000);
    const ONE: EnvironmentId = EnvironmentId(1);

    fn sdk(name: &impl ToString) -> Labels {
        Labels {
            user_agent: name.to_string(),
            ..Labels::default()
        }
    }

    #[test]
    fn what_is_taken_is_gone_until_it_is_given_back() {
        let counters = UsageCounters::default();
        for labels in [Labels::default(), sdk(&"a"), sdk(&"a")] {
            counters.add_request(ONE, Resource::Flags, labels, DAY);
        }
        counters.add_evaluations(
            ONE,
            [(FeatureId(7), 3), (FeatureId(7), 4), (FeatureId(8), -1)],
            sdk(&"a"),
            DAY,
        );
        let taken = counters.take(DAY);
        let requests: Vec<_> = taken.requests.iter().map(|item| item.count).collect();
        assert_eq!(requests, [1, 2]);
        assert_eq!((taken.evaluations.len(), taken.evaluations[0].count), (1, 7));
        assert_eq!(counters.take(DAY), UsageCounts::default());

        counters.add_request(ONE, Resource::Flags, sdk(&"a"), DAY);
        counters.give_back(taken);
        let again = counters.take(DAY);
        let requests: Vec<_> = again.requests.iter().map(|item| item.count).collect();
        assert_eq!(requests, [1, 3]);
        assert_eq!(again.evaluations[0].count, 7);
    }

    #[test]
    fn made_up_labels_do_not_multiply() {
        let counters = UsageCounters::default();
        for name in 0..LABELS_PER_DAY + 50 {
            counters.add_request(ONE, Resource::Flags, sdk(&name), DAY);
            // What is stored in between does not make room for more.
            if name % 40 == 0 {
                counters.take(DAY);
            }
        }
        counters.take(DAY);
        counters.add_request(ONE, Resource::Flags, sdk(&"late"), DAY);
        counters.add_request(ONE, Resource::Flags, sdk(&0), DAY);
        let tomorrow = DAY.plus_seconds(86_400);
        counters.add_request(ONE, Resource::Flags, sdk(&"late"), tomorrow);
        let labels: Vec<_> = counters
            .take(DAY)
            .requests
            .into_iter()
            .map(|item| (item.day, item.labels))
            .collect();
        assert_eq!(
            labels,
            [
                (Day(1), Labels::default()),
                (Day(1), sdk(&0)),
                (Day(2), sdk(&"late"))
            ]
        );
    }

    #[test]
    fn counters_are_bounded() {
        let counters = UsageCounters::default();
        let features = (0..).map(FeatureId).take(COUNTERS + 10);
        counters.add_evaluations(ONE, features.map(|id| (id, 1)), Labels::default(), DAY);
        let taken = counters.take(DAY);
        assert_eq!((taken.evaluations.len(), taken.uncounted), (COUNTERS, 10));
        counters.add_evaluations(
            ONE,
            [(FeatureId(1), i64::MAX), (FeatureId(1), 1)],
            Labels::default(),
            DAY,
        );
        assert_eq!(counters.take(DAY).evaluations[0].count, i64::MAX);
    }
}
