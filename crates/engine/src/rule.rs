//! Compiled rules and conditions.

use crate::context::{Operator, RuleType, SegmentCondition, SegmentRule};
use crate::operators::Test;
use crate::property::{Property, PropertyCompiler};

/// The deepest nesting of rules; a segment with deeper ones never matches. JSON parsers stop at about as much.
const MAX_RULE_DEPTH: usize = 64;

/// A compiled rule: two lists, each combined by the same type, then both required.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: RuleType,
    pub(crate) conditions: Box<[Condition]>,
    pub(crate) rules: Box<[Rule]>,
}

/// A compiled condition.
#[derive(Debug)]
pub(crate) struct Condition {
    /// `None`: the identity key.
    pub(crate) property: Option<Property>,
    pub(crate) test: Test,
}

impl Rule {
    /// Compiles the root rules of a segment. `None`: no rules, or rules nested too deep.
    pub(crate) fn compile_roots(
        rules: &[SegmentRule],
        properties: &mut PropertyCompiler<'_>,
    ) -> Option<Box<[Self]>> {
        if rules.is_empty() {
            return None;
        }
        Self::compile_all(rules, properties, 0)
    }

    fn compile_all(
        rules: &[SegmentRule],
        properties: &mut PropertyCompiler<'_>,
        depth: usize,
    ) -> Option<Box<[Self]>> {
        if depth > MAX_RULE_DEPTH {
            return None;
        }
        rules
            .iter()
            .map(|rule| {
                Some(Self {
                    kind: rule.rule_type,
                    conditions: rule
                        .conditions
                        .iter()
                        .map(|condition| Condition::compile(condition, properties))
                        .collect(),
                    rules: Self::compile_all(&rule.rules, properties, depth + 1)?,
                })
            })
            .collect()
    }
}

impl Condition {
    fn compile(condition: &SegmentCondition, properties: &mut PropertyCompiler<'_>) -> Self {
        let splits_identities =
            condition.operator == Operator::PercentageSplit && condition.property.is_empty();
        Self {
            property: (!splits_identities).then(|| properties.compile(&condition.property)),
            test: Test::compile(condition.operator, &condition.value),
        }
    }
}

/// Combines verdicts, stopping as soon as the outcome is known. An empty list matches.
pub(crate) fn combine<T>(kind: RuleType, parts: &[T], holds: impl FnMut(&T) -> bool) -> bool {
    let mut parts_left = parts.iter();
    match kind {
        _ if parts.is_empty() => true,
        RuleType::All => parts_left.all(holds),
        RuleType::Any => parts_left.any(holds),
        RuleType::None => !parts_left.any(holds),
        RuleType::Unknown => false,
    }
}
