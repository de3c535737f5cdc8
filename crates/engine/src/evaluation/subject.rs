//! One evaluation: an environment asked about one identity.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::{Map, Value};

use super::dependencies::Dependencies;
use super::observer::Observer;
use super::{Evaluation, FlagOutcome, Source, compact};
use crate::context::IdentityContext;
use crate::environment::{Environment, Segment};
use crate::overrides::IdentityOverrides;
use crate::property::{Path, Property, walk};
use crate::rule::{Condition, Rule, combine};
use crate::value::ContextValue;

/// Everything an evaluation reads.
pub(super) struct Subject<'a> {
    environment: &'a Environment,
    identity: Option<&'a IdentityContext>,
    /// The identity's key, given or composed.
    key: Option<Cow<'a, str>>,
    /// Traits by slot; empty without an identity.
    traits: Vec<Option<ContextValue<'a>>>,
    overrides: &'a IdentityOverrides,
    /// The context as a document, made when a query first needs it.
    document: OnceCell<Value>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        identity: Option<&'a IdentityContext>,
        overrides: &'a IdentityOverrides,
    ) -> Self {
        let key = identity.map(|identity| match identity.key.as_deref() {
            Some(key) if !key.is_empty() => Cow::Borrowed(key),
            _ => Cow::Owned(format!("{}_{}", environment.key, identity.identifier)),
        });
        Self {
            environment,
            identity,
            key,
            traits: identity.map_or_else(Vec::new, |identity| environment.traits.fill(&identity.traits)),
            overrides,
            document: OnceCell::new(),
        }
    }

    /// Evaluates everything, and gives back who watched.
    pub(super) fn evaluate<O: Observer>(&self, observer: O) -> (Evaluation, O) {
        let mut dependencies = Dependencies::new(self.environment, observer);
        let segment_count = self.environment.segments().len();
        let mut matches = vec![false; segment_count];
        let mut segments = Vec::with_capacity(segment_count);
        for (index, matched) in matches.iter_mut().enumerate() {
            *matched = dependencies.segment_matches(self, index);
            if *matched {
                segments.push(compact(index));
            }
        }
        let flags = (0..self.environment.features().len())
            .map(|feature| {
                dependencies.outcome(feature).unwrap_or_else(|| FlagOutcome {
                    is_circular: dependencies.is_circular(feature),
                    ..self.outcome(
                        feature,
                        |segment| matches[segment as usize],
                        &mut dependencies.observer,
                    )
                })
            })
            .collect();
        (Evaluation { flags, segments }, dependencies.observer)
    }

    /// Evaluates one feature of an environment in which no condition reads a flag.
    pub(super) fn evaluate_flag(&self, feature: usize) -> FlagOutcome {
        let mut dependencies = Dependencies::new(self.environment, ());
        let matches = |segment: u32| dependencies.segment_matches(self, segment as usize);
        self.outcome(feature, matches, &mut ())
    }

    /// The identity's key, given or composed; `None` without an identity.
    pub(super) fn identity_key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    pub(super) fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// The outcome of a feature, given which segments match.
    pub(super) fn outcome<O: Observer>(
        &self,
        feature: usize,
        mut matches: impl FnMut(u32) -> bool,
        observer: &mut O,
    ) -> FlagOutcome {
        let overriding = self.overrides.of_feature(feature);
        let (source, state) = if let Some((index, state)) = overriding {
            (Source::IdentityOverride { index }, state)
        } else {
            let candidate = self.environment.features()[feature]
                .candidates
                .iter()
                .find(|candidate| {
                    let wins = matches(candidate.segment);
                    observer.candidate(feature, candidate.segment, wins);
                    wins
                });
            let source = candidate.map_or(Source::EnvironmentDefault, |candidate| Source::SegmentOverride {
                segment: candidate.segment,
                index: candidate.index,
            });
            (source, self.environment.state(feature, source, self.overrides))
        };
        FlagOutcome {
            source,
            variant: state.choose(self.key.as_deref()),
            is_circular: false,
        }
    }

    /// Whether all root rules of a segment match.
    pub(super) fn is_in<O: Observer>(&self, segment: &Segment, dependencies: &mut Dependencies<O>) -> bool {
        segment.rules.as_ref().is_some_and(|rules| {
            rules
                .iter()
                .all(|rule| self.rule_matches(rule, &segment.key, dependencies))
        })
    }

    /// Both parts are always evaluated, because reading a flag can reveal a cycle.
    fn rule_matches<O: Observer>(&self, rule: &Rule, salt: &str, dependencies: &mut Dependencies<O>) -> bool {
        dependencies.enter();
        dependencies.observer.enter_rule();
        let conditions_match = combine(rule.kind, &rule.conditions, |condition| {
            self.holds(condition, salt, dependencies)
        });
        let rules_match = combine(rule.kind, &rule.rules, |rule| {
            self.rule_matches(rule, salt, dependencies)
        });
        let matches = conditions_match && rules_match;
        dependencies.observer.leave_rule(matches);
        dependencies.leave();
        matches
    }

    fn holds<O: Observer>(
        &self,
        condition: &Condition,
        salt: &str,
        dependencies: &mut Dependencies<O>,
    ) -> bool {
        let value = match &condition.property {
            Some(property) => self.value(property, dependencies),
            None => self
                .key
                .as_deref()
                .map(|key| ContextValue::Text(Cow::Borrowed(key))),
        };
        let holds = condition.test.holds(value.as_ref(), salt);
        let observer = &mut dependencies.observer;
        observer.condition(condition, value.as_ref(), salt, holds);
        holds
    }

    fn value<'s, O: Observer>(
        &'s self,
        property: &'s Property,
        dependencies: &mut Dependencies<O>,
    ) -> Option<ContextValue<'s>> {
        let literal = self.traits.get(property.slot).and_then(Option::as_ref);
        if let Some(value) = literal {
            return Some(value.borrowed());
        }
        match property.path.as_ref()? {
            Path::Constant(value) => Some(value.borrowed()),
            Path::Identifier => self
                .identity
                .map(|identity| ContextValue::of_text(&identity.identifier)),
            Path::IdentityKey => self.key.as_deref().map(ContextValue::of_text),
            Path::Identity(names) => ContextValue::of_node(identity_member(self.identity?, names)?),
            Path::Flag { feature, member } => {
                let outcome = dependencies.resolve(self, *feature)?;
                self.flag_member(*feature, outcome, member)
            }
            Path::Query(query) => {
                let document = self.document.get_or_init(|| self.to_document());
                ContextValue::of_node(query.query(document).first()?)
            }
        }
    }

    fn flag_member(
        &self,
        feature: usize,
        outcome: FlagOutcome,
        member: &[String],
    ) -> Option<ContextValue<'_>> {
        let flag = self.environment.flag(feature, outcome, self.overrides);
        let (name, names) = member.split_first()?;
        match (name.as_str(), names) {
            ("enabled", []) => Some(ContextValue::Boolean(flag.enabled)),
            ("variant", []) => flag.variant.map(ContextValue::of_text),
            ("name", []) => Some(ContextValue::of_text(flag.name)),
            ("reason", []) => Some(ContextValue::of_text(&flag.reason.to_string()).into_owned()),
            ("value", names) => ContextValue::of_node(walk(flag.value, names)?),
            ("metadata", names) => ContextValue::of_node(walk(flag.metadata?, names)?),
            _ => None,
        }
    }

    /// The context as the reference would search it, but for `flags`.
    fn to_document(&self) -> Value {
        let mut members: Map<String, Value> = self.environment.definition.clone().unwrap_or_default();
        let identity = self.identity.map(|identity| IdentityContext {
            key: self.key.as_deref().map(str::to_owned),
            ..identity.clone()
        });
        if let Some(Ok(identity)) = identity.map(serde_json::to_value) {
            members.insert("identity".to_owned(), identity);
        }
        Value::Object(members)
    }
}

/// A member of the identity that is neither its identifier nor its key.
fn identity_member<'i>(identity: &'i IdentityContext, names: &[String]) -> Option<&'i Value> {
    let (name, names) = names.split_first()?;
    if name != "traits" {
        return walk(identity.other.get(name)?, names);
    }
    let (key, names) = names.split_first()?;
    walk(identity.traits.get(key)?, names)
}
