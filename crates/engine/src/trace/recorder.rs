//! What an evaluation did, by the places of segments, rules and conditions.

use std::collections::HashMap;

use serde_json::Value;

use crate::evaluation::Observer;
use crate::rule::Condition;
use crate::value::ContextValue;

/// Writes down what an evaluation does.
#[derive(Debug)]
pub(super) struct Recorder {
    /// The segments that were tested, one after the other; where flags depend on flags, some more than once.
    pub(super) tests: Vec<SegmentRecord>,
    /// By segment, its last test.
    last_tests: Vec<Option<usize>>,
    /// By feature that a condition reads and segment, the test that counted for it.
    asked: HashMap<(usize, u32), usize>,
    /// By feature, the overrides that were looked at, the strongest first.
    pub(super) candidates: Vec<Vec<CandidateRecord>>,
    /// What is being tested, outermost first; a segment is a rule of root rules.
    open: Vec<RuleRecord>,
}

/// An override of a segment that was looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct CandidateRecord {
    pub(super) wins: bool,
    /// The test of the segment that counted.
    pub(super) test: Option<usize>,
}

/// A segment that was tested.
#[derive(Debug)]
pub(super) struct SegmentRecord {
    pub(super) is_cut: bool,
    /// The root rules that were tested.
    pub(super) rules: Vec<RuleRecord>,
}

/// A rule that was tested, with those of its parts that were: testing stops where the outcome is known, so they are the
/// first ones.
#[derive(Debug, Default)]
pub(super) struct RuleRecord {
    pub(super) matches: bool,
    pub(super) conditions: Vec<ConditionRecord>,
    pub(super) rules: Vec<RuleRecord>,
}

/// A condition that was tested.
#[derive(Debug)]
pub(super) struct ConditionRecord {
    pub(super) actual: Option<Value>,
    pub(super) holds: bool,
    /// Place and share of a percentage split.
    pub(super) split: Option<(f64, f64)>,
}

impl Recorder {
    pub(super) fn new(features: usize, segments: usize) -> Self {
        Self {
            tests: Vec::new(),
            last_tests: vec![None; segments],
            asked: HashMap::new(),
            candidates: vec![Vec::new(); features],
            open: Vec::new(),
        }
    }
}

impl Observer for Recorder {
    fn enter_segment(&mut self) {
        self.open.push(RuleRecord::default());
    }

    fn leave_segment(&mut self, segment: usize, is_cut: bool) {
        let rules = self.open.pop().unwrap_or_default().rules;
        self.last_tests[segment] = Some(self.tests.len());
        self.tests.push(SegmentRecord { is_cut, rules });
    }

    fn enter_rule(&mut self) {
        self.open.push(RuleRecord::default());
    }

    fn leave_rule(&mut self, matches: bool) {
        let rule = self.open.pop().unwrap_or_default();
        if let Some(parent) = self.open.last_mut() {
            parent.rules.push(RuleRecord { matches, ..rule });
        }
    }

    fn condition(
        &mut self,
        condition: &Condition,
        value: Option<&ContextValue<'_>>,
        salt: &str,
        holds: bool,
    ) {
        if let Some(rule) = self.open.last_mut() {
            rule.conditions.push(ConditionRecord {
                actual: value.map(ContextValue::to_json),
                holds,
                split: condition.test.split(value, salt),
            });
        }
    }

    fn asked(&mut self, feature: usize, segment: u32) {
        if let Some(test) = self.last_tests[segment as usize] {
            self.asked.insert((feature, segment), test);
        }
    }

    fn candidate(&mut self, feature: usize, segment: u32, wins: bool) {
        let asked = self.asked.get(&(feature, segment)).copied();
        let test = asked.or(self.last_tests[segment as usize]);
        self.candidates[feature].push(CandidateRecord { wins, test });
    }
}
