//! The rule tree of a segment: what is allowed, and which ids its nodes get.

use crate::error::{Error, Result};
use liftgate_model::segment::Rule;
use liftgate_store::{Conn, counters};
use std::collections::HashSet;

/// How deep rules nest.
pub const RULES_DEPTH_MAX: usize = 2;
/// How many conditions a segment has at the most, over all its rules.
pub const CONDITIONS_MAX: usize = 100;

/// Refuses trees that are too deep or too large.
///
/// # Errors
/// `Invalid` on `segment`.
pub(super) fn check(rules: &[Rule]) -> Result<()> {
    if depth(rules) > RULES_DEPTH_MAX {
        return Err(Error::field(
            "segment",
            format!("Rules must not be nested more than {RULES_DEPTH_MAX} levels deep."),
        ));
    }
    let count = conditions(rules);
    if count > CONDITIONS_MAX {
        return Err(Error::field(
            "segment",
            format!(
                "The segment has {count} conditions, which exceeds the maximum condition count of {CONDITIONS_MAX}."
            ),
        ));
    }
    Ok(())
}

/// Gives every node an id: one of the stored tree that the client named stays with its node, all others are new.
pub(super) async fn give_ids(conn: &impl Conn, stored: &[Rule], rules: &mut [Rule]) -> Result<()> {
    let mut known = Known::default();
    known.collect(stored);
    let mut unnamed = 0;
    known.keep(rules, &mut unnamed);
    if unnamed > 0 {
        let mut next = counters::take(conn, counters::SEGMENT_NODES, unnamed).await?;
        fill(rules, &mut next);
    }
    Ok(())
}

/// The same tree without ids, to be stored a second time.
pub(super) fn without_ids(rules: &[Rule]) -> Vec<Rule> {
    let mut copy = rules.to_vec();
    Known::default().keep(&mut copy, &mut 0);
    copy
}

fn depth(rules: &[Rule]) -> usize {
    rules.iter().map(|rule| 1 + depth(&rule.rules)).max().unwrap_or(0)
}

pub(crate) fn conditions(rules: &[Rule]) -> usize {
    rules
        .iter()
        .map(|rule| rule.conditions.len() + conditions(&rule.rules))
        .sum()
}

/// Ids of a stored tree that no node of the new one has taken yet.
#[derive(Default)]
struct Known {
    rules: HashSet<i32>,
    conditions: HashSet<i32>,
}

impl Known {
    fn collect(&mut self, stored: &[Rule]) {
        for rule in stored {
            self.rules.insert(rule.id);
            self.conditions
                .extend(rule.conditions.iter().map(|condition| condition.id));
            self.collect(&rule.rules);
        }
    }

    /// Sets every id that is not known, or taken already, to 0, and counts those.
    fn keep(&mut self, rules: &mut [Rule], unnamed: &mut i32) {
        for rule in rules {
            if !self.rules.remove(&rule.id) {
                rule.id = 0;
                *unnamed += 1;
            }
            for condition in &mut rule.conditions {
                if !self.conditions.remove(&condition.id) {
                    condition.id = 0;
                    *unnamed += 1;
                }
            }
            self.keep(&mut rule.rules, unnamed);
        }
    }
}

fn fill(rules: &mut [Rule], next: &mut i32) {
    let mut take = |id: &mut i32| {
        if *id == 0 {
            *id = *next;
            *next += 1;
        }
    };
    for rule in &mut *rules {
        take(&mut rule.id);
        for condition in &mut rule.conditions {
            take(&mut condition.id);
        }
    }
    for rule in rules {
        fill(&mut rule.rules, next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_model::segment::{Condition, Operator, RuleType};

    fn condition(id: i32) -> Condition {
        Condition {
            id,
            operator: Operator::Equal,
            property: Some("plan".into()),
            value: Some("pro".into()),
            description: None,
        }
    }

    fn rule(id: i32, rules: Vec<Rule>, conditions: usize) -> Rule {
        Rule {
            id,
            kind: RuleType::All,
            rules,
            conditions: (0..conditions).map(|_| condition(0)).collect(),
        }
    }

    #[test]
    fn two_levels_and_a_hundred_conditions_are_the_limit() {
        assert!(check(&[rule(0, vec![rule(0, vec![], 50)], 50)]).is_ok());
        assert!(check(&[rule(0, vec![rule(0, vec![], 51)], 50)]).is_err());
        assert!(check(&[rule(0, vec![rule(0, vec![rule(0, vec![], 0)], 0)], 0)]).is_err());
    }

    #[test]
    fn only_ids_of_the_stored_tree_are_kept_and_each_once() {
        let mut stored = rule(5, vec![rule(6, vec![], 0)], 0);
        stored.conditions = vec![condition(7)];
        let mut sent = [
            rule(5, vec![rule(5, vec![], 0), rule(99, vec![], 0)], 0),
            rule(6, vec![], 0),
        ];
        sent[0].conditions = vec![condition(7), condition(7), condition(6)];
        let mut known = Known::default();
        known.collect(&[stored]);
        let mut unnamed = 0;
        known.keep(&mut sent, &mut unnamed);
        assert_eq!(unnamed, 4);
        assert_eq!((sent[0].id, sent[1].id), (5, 6));
        assert_eq!(
            sent[0].rules.iter().map(|rule| rule.id).collect::<Vec<_>>(),
            [0, 0]
        );
        let conditions: Vec<i32> = sent[0].conditions.iter().map(|condition| condition.id).collect();
        assert_eq!(conditions, [7, 0, 0]);
        let mut next = 20;
        fill(&mut sent, &mut next);
        assert_eq!(next, 24);
        let mut ids: Vec<i32> = sent[0].rules.iter().map(|rule| rule.id).collect();
        ids.extend(sent[0].conditions.iter().map(|condition| condition.id));
        ids.sort_unstable();
        assert_eq!(ids, [7, 20, 21, 22, 23]);
    }

    #[test]
    fn a_copy_names_no_node_of_its_source() {
        let copy = without_ids(&[rule(5, vec![rule(6, vec![], 1)], 1)]);
        assert_eq!((copy[0].id, copy[0].rules[0].id), (0, 0));
    }
}
