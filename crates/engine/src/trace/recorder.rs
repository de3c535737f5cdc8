//! What an evaluation did, by the places of segments, rules and conditions.

use serde_json::Value;

use crate::evaluation::Observer;
use crate::rule::Condition;
use crate::value::ContextValue;

/// Writes down what an evaluation does.
#[derive(Debug)]
pub(super) struct Recorder {
    /// By segment, what was found when it was last tested.
    pub(super) segments: Vec<Option<SegmentRecord>>,
    /// By feature: whether the overrides that were looked at win, the strongest first.
    pub(super) candidates: Vec<Vec<bool>>,
    /// What is being tested, outermost first; a segment is a rule of root rules.
    open: Vec<RuleRecord>,
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
            segments: std::iter::repeat_with(|| None).take(segments).collect(),
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
        self.segments[segment] = Some(SegmentRecord { is_cut, rules });
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

    fn candidate(&mut self, feature: usize, wins: bool) {
        self.candidates[feature].push(wins);
    }
}
