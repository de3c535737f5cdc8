//! The engine's context of an environment.

use liftgate_engine::{
    Environment, EnvironmentContext, EvaluationContext, FeatureContext, Operator, RuleType, SegmentCondition,
    SegmentContext, SegmentRule, VariantContext,
};
use liftgate_model::segment;
use serde_json::{Number, Value};

use super::catalogue::{Catalogue, ServedSegment, ServedState};

/// The context of an environment, without an identity. Segment and override indexes are those of [`evaluated`].
pub(super) fn context(catalogue: &Catalogue<'_>, segments: &[&ServedSegment<'_>]) -> EvaluationContext {
    let environment = &catalogue.data.environment;
    let features = catalogue
        .features
        .iter()
        .map(|served| (served.feature.name.clone(), feature(&served.default)));
    let segments = segments
        .iter()
        .map(|served| (served.segment.id.to_string(), segment_context(served)));
    EvaluationContext {
        environment: EnvironmentContext {
            key: environment.api_key.clone(),
            name: environment.name.clone(),
            ..EnvironmentContext::default()
        },
        features: features.collect(),
        segments: segments.collect(),
        ..EvaluationContext::default()
    }
}

/// The environment compiled from the context of a catalogue.
pub(super) fn compile(catalogue: &Catalogue<'_>, context: &EvaluationContext) -> Environment {
    // What local clients cannot know does not count as targeting, so that their reasons are the same.
    let published = catalogue
        .identities
        .iter()
        .filter(|_| catalogue.data.environment.use_identity_overrides_in_local_eval)
        .flat_map(|served| &served.overrides)
        .map(|state| state.definition.name.as_str());
    Environment::compile(context).with_targeted(published)
}

/// The segments that can change an answer: those with overrides. The others are evaluated only where a condition may
/// read the list of segments itself.
pub(super) fn evaluated<'c, 'a>(catalogue: &'c Catalogue<'a>) -> Vec<&'c ServedSegment<'a>> {
    let overriding = || {
        catalogue
            .segments
            .iter()
            .filter(|served| !served.overrides.is_empty())
    };
    if overriding().any(|served| served.segment.rules.iter().any(may_read_segments)) {
        return catalogue.segments.iter().collect();
    }
    overriding().collect()
}

/// A state as the engine reads it.
pub(super) fn feature(served: &ServedState<'_>) -> FeatureContext {
    let variants = served.variants.iter().map(|variant| VariantContext {
        key: variant.option.key.clone(),
        value: variant.option.value.to_json(),
        weight: Number::from_f64(variant.allocation.percentage).unwrap_or_else(|| Number::from(0)),
        priority: Some(f64::from(variant.allocation.id.0)),
    });
    let link = served.state.feature_segment.as_ref();
    FeatureContext {
        key: served.state.salt.to_string(),
        name: served.definition.name.clone(),
        enabled: served.state.enabled,
        value: served.state.value.to_json(),
        variants: variants.collect(),
        priority: link.map(|link| f64::from(link.priority)),
        metadata: None,
    }
}

fn segment_context(served: &ServedSegment<'_>) -> SegmentContext {
    SegmentContext {
        key: served.segment.id.to_string(),
        name: served.segment.name.clone(),
        rules: served.segment.rules.iter().map(rule).collect(),
        overrides: served.overrides.iter().map(feature).collect(),
        metadata: None,
    }
}

fn rule(stored: &segment::Rule) -> SegmentRule {
    let condition = |condition: &segment::Condition| SegmentCondition {
        property: condition.property.clone().unwrap_or_default(),
        operator: operator(condition.operator),
        value: condition.value.clone().map_or(Value::Null, Value::from),
    };
    SegmentRule {
        rule_type: match stored.kind {
            segment::RuleType::All => RuleType::All,
            segment::RuleType::Any => RuleType::Any,
            segment::RuleType::None => RuleType::None,
        },
        conditions: stored.conditions.iter().map(condition).collect(),
        rules: stored.rules.iter().map(rule).collect(),
    }
}

fn operator(stored: segment::Operator) -> Operator {
    match stored {
        segment::Operator::Equal => Operator::Equal,
        segment::Operator::GreaterThan => Operator::GreaterThan,
        segment::Operator::LessThan => Operator::LessThan,
        segment::Operator::Contains => Operator::Contains,
        segment::Operator::GreaterThanInclusive => Operator::GreaterThanInclusive,
        segment::Operator::LessThanInclusive => Operator::LessThanInclusive,
        segment::Operator::NotContains => Operator::NotContains,
        segment::Operator::NotEqual => Operator::NotEqual,
        segment::Operator::Regex => Operator::Regex,
        segment::Operator::PercentageSplit => Operator::PercentageSplit,
        segment::Operator::Modulo => Operator::Modulo,
        segment::Operator::IsSet => Operator::IsSet,
        segment::Operator::IsNotSet => Operator::IsNotSet,
        segment::Operator::In => Operator::In,
    }
}

/// Whether a JSONPath somewhere in the rule can reach beyond the identity, the environment's own members and the flags.
fn may_read_segments(rule: &segment::Rule) -> bool {
    const ELSEWHERE: [&str; 3] = ["identity.", "environment.", "flags."];
    let reads = |condition: &segment::Condition| {
        let path = condition
            .property
            .as_deref()
            .and_then(|property| property.strip_prefix("$."));
        path.is_some_and(|path| path.contains('$') || !ELSEWHERE.iter().any(|root| path.starts_with(root)))
    };
    rule.conditions.iter().any(reads) || rule.rules.iter().any(may_read_segments)
}
