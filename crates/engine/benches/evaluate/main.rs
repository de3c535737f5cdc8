//! One evaluation of a typical environment: 50 flags, of which 5 are multivariate and 10 overridden, and 20 segments of 3
//! conditions each.

use divan::{AllocProfiler, Bencher, black_box};
use liftgate_engine::{Environment, EvaluationContext, IdentityContext, IdentityOverrides, evaluate};

mod environment;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// What a server does for each request.
#[divan::bench]
fn evaluate_compiled(bencher: Bencher) {
    let environment = Environment::compile(&context());
    let identity = identity();
    bencher.bench(|| environment.evaluate(black_box(&identity)));
}

/// The same, with two overrides of the identity's own.
#[divan::bench]
fn evaluate_compiled_with_overrides(bencher: Bencher) {
    let context = context();
    let environment = Environment::compile(&context);
    let overrides = IdentityOverrides::compile(&environment, context.features.values().take(2));
    let identity = identity();
    bencher.bench(|| environment.evaluate_with_overrides(black_box(&identity), &overrides));
}

/// What a change of the environment costs before it is served.
#[divan::bench]
fn compile(bencher: Bencher) {
    let context = context();
    bencher.bench(|| Environment::compile(black_box(&context)));
}

/// From the published schema to the published schema.
#[divan::bench]
fn evaluate_context(bencher: Bencher) {
    let mut context = context();
    context.identity = Some(identity());
    bencher.bench(|| evaluate(black_box(&context)));
}

#[divan::bench]
fn hash(bencher: Bencher) {
    bencher.bench(|| liftgate_engine::hash::percentage(black_box(&["77", "env-key_alice"])));
}

fn identity() -> IdentityContext {
    serde_json::from_value(environment::identity()).expect("an identity")
}

fn context() -> EvaluationContext {
    serde_json::from_value(environment::context()).expect("a context")
}
