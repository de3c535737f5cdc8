//! The evaluation engine: an evaluation context in, flags and reasons out.
//!
//! Pure: no input or output, no clock, no randomness, nothing of Liftgate's as a dependency. Evaluation never fails; a
//! condition that cannot be read behaves as the reference engine (Flagsmith's for Python, 11.1) does, mostly by being
//! false, and the reason says why a flag is what it is.
//!
//! # Two ways in
//! [`evaluate`] takes a context of the published schema and returns a result of the published schema. It is what a
//! command line and a test need:
//!
//! ```
//! use liftgate_engine::{EvaluationContext, evaluate};
//!
//! let context: EvaluationContext = serde_json::from_str(r#"{
//!     "environment": {"key": "env-key", "name": "Production"},
//!     "features": {"checkout": {"key": "1", "name": "checkout", "enabled": false, "value": null}},
//!     "segments": {"7": {"key": "7", "name": "pro",
//!         "rules": [{"type": "ALL", "conditions": [{"property": "plan", "operator": "EQUAL", "value": "pro"}]}],
//!         "overrides": [{"key": "2", "name": "checkout", "enabled": true, "value": "new", "priority": 0}]}},
//!     "identity": {"identifier": "alice", "traits": {"plan": "pro"}}
//! }"#)?;
//! let result = evaluate(&context);
//! assert!(result.flags["checkout"].enabled);
//! assert_eq!(result.flags["checkout"].reason, "TARGETING_MATCH; segment=pro");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! A server compiles an [`Environment`] once, shares it between threads, and asks it about one [`IdentityContext`] after
//! the other. The [`Evaluation`] it gets holds indexes only, so an answer can be put together from bytes prepared for
//! every state and variant; [`Environment::flag`] resolves an outcome to names and values where they are needed.
//!
//! # How an evaluation runs
//! 1. Traits that any condition reads are looked up and coerced once.
//! 2. Each segment is tested in order.
//! 3. For each feature the first of its overrides, sorted by priority when compiled, whose segment matches wins; an
//!    identity override wins before all; the default wins last.
//! 4. A winner with options is split by the [`hash`] of its salt and the identity key.
//!
//! Conditions may read other flags, which are then resolved first. Cycles are cut as the contract says.
//!
//! [`evaluate_traced`] and [`Environment::evaluate_traced`] do the same and say why: a recorder watches the evaluation
//! that everybody gets ([`trace`]). Where nobody watches, watching is compiled away.
//!
//! # Limits
//! Nothing in a context can make an evaluation run away: rules nest 64 deep, flags and rules together 256; a pattern may
//! take 2 MiB compiled and 100,000 steps of backtracking; a JSONPath that is not a chain of names is at most 256 bytes
//! long and may scan the context twice. Beyond a limit a condition is false, a segment does not match, or a property is
//! not set.
//!
//! # Adding an operator
//! 1. Name it in [`Operator`], with a line on what it asks.
//! 2. Give it a file in `operators/` with a type that holds the condition's value in its compiled form. Its `compile`
//!    reads the value once and returns `None` for a value that can never match; its test takes a context value, which is
//!    never missing and already coerced.
//! 3. Add a variant to `operators::Test`, with one line in `compile` and one in `holds`.
//! 4. Write its table, `tests/cases/operators/<name>.json`: a match and a miss for every type of context value, and every
//!    value it cannot read.

pub mod context;
mod environment;
mod evaluation;
pub mod hash;
mod number;
mod operators;
mod overrides;
mod property;
mod reason;
pub mod result;
mod rule;
mod state;
pub mod trace;
mod value;

pub use context::{
    EnvironmentContext, EvaluationContext, FeatureContext, IdentityContext, Operator, RuleType,
    SegmentCondition, SegmentContext, SegmentRule, VariantContext,
};
pub use environment::{Environment, Feature, Segment, SegmentOverride};
pub use evaluation::{Evaluation, Flag, FlagOutcome, Source, Variant};
pub use overrides::IdentityOverrides;
pub use reason::Reason;
pub use result::{EvaluationResult, FlagResult, SegmentResult};
pub use state::{State, VariantOption};
pub use trace::evaluate_traced;

/// Evaluates a whole context: compiles its environment and asks it about its identity, if it has one.
pub fn evaluate(context: &EvaluationContext) -> EvaluationResult {
    let environment = Environment::compile(context);
    let evaluation = match &context.identity {
        Some(identity) => environment.evaluate(identity),
        None => environment.evaluate_without_identity(),
    };
    environment.result(&evaluation, &IdentityOverrides::default())
}
