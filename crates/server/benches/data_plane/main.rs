//! What the data plane costs, each figure beside a named alternative in the same run.
//!
//! Processor time of the server per request is the figure that survives a busy machine: user and system time of the
//! process, divided by the requests that `wrk` counts. The alternative is a server of the same framework that answers the
//! same number of bytes and does nothing else. Subscribers to streams are opened by ourselves, from this process.
//! Beside events stands what appending and syncing the same bytes costs without a server.
//! `LIFTGATE_BENCH_SECONDS` sets how long each load lasts (0: none), `LIFTGATE_BENCH_STREAMS` the number of subscribers (0:
//! none).

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on ends by panicking"
)]

mod hello;
mod journal;
mod load;
mod memory;
mod process;
mod streams;
mod world;

use load::{Case, Load};
use process::Process;
use std::io::Write as _;
use world::World;

/// The argument by which the benchmark starts its own alternative.
const HELLO: &str = "--hello";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    if let Some(at) = arguments.iter().position(|argument| argument == HELLO) {
        let bytes = arguments[at + 1].parse().unwrap();
        return runtime.block_on(hello::serve(bytes));
    }
    runtime.block_on(run());
}

async fn run() {
    let server = Process::liftgate();
    say(&format!("idle: {:.1} MiB resident", server.resident_mib()));
    let world = World::make(&server.origin).await;
    say(&format!(
        "one environment, 50 flags, 20 segments: {:.1} MiB resident",
        server.resident_mib()
    ));
    let load = Load::from_environment();
    memory::of_environments(&server, &world).await;
    if !load.is_none() {
        memory::of_identities(&server, &world, &load);
        measure_calls(&server, &world, &load).await;
    }
    streams::measure(&server, &world).await;
}

async fn measure_calls(server: &Process, world: &World, load: &Load) {
    say("| call | body bytes | µs a request | hello of that size | ratio | goal |");
    say("|---|---|---|---|---|---|");
    for case in world.cases() {
        measure(server, load, &case).await;
    }
    let batch = World::batch();
    say(&format!(
        "appending and syncing the {} bytes of a batch, without a server: {:.2} µs an event",
        batch.len(),
        journal::append_and_sync(&batch) / f64::from(world::BATCH),
    ));
    say(&format!(
        "after the load: {:.1} MiB resident",
        server.resident_mib()
    ));
}

async fn measure(server: &Process, load: &Load, case: &Case) {
    let bytes = case.answer_bytes(&server.origin).await;
    let hello = Process::hello(bytes);
    let alternative = load.run(&hello, &case.as_hello());
    let ours = load.run(server, case);
    say(&format!(
        "| {} | {bytes} | {:.2} | {:.2} | {:.2} | {} |",
        case.name,
        ours / case.units,
        alternative / case.units,
        ours / alternative,
        case.goal,
    ));
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
}
