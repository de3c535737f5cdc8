//! What an analysis of ten million events costs, beside DuckDB on the same files, and how soon a store opens again.
//!
//! Prints processor seconds and peak memory of the store and, when `LIFTGATE_PYTHON` names a Python that has the `duckdb`
//! package, of DuckDB, and compares the answers. `LIFTGATE_BENCH_EVENTS` sets the number of events;
//! `LIFTGATE_BENCH_DIR` names a directory whose events are kept and used again.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use liftgate_events::{
    Aggregation, EXPOSURE_EVENT, EmbeddedOptions, EmbeddedReader, EmbeddedStore, Event, EventReader as _,
    EventSink as _, ExposureQuery, MetricQuery, QueryOptions, ReproductionSql, SufficientStatistics,
};

const DAY_MS: i64 = 86_400_000;
const START_MS: i64 = 1_767_225_600_000;
const DAYS: i64 = 14;
const BATCH: u64 = 1_000;
const RESTART_BATCHES: u32 = 1_000;
/// One event in so many is an exposure.
const EXPOSURE_EVERY: u64 = 10;
const METRIC_EVENTS: [&str; 3] = ["purchase", "page_view", "session_length"];
/// The argument by which the benchmark measures one analysis in a process of its own.
const MEASURE: &str = "--measure-analysis";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == MEASURE) {
        return measure_analysis(Path::new(&arguments[at + 1]));
    }
    let events = env::var("LIFTGATE_BENCH_EVENTS").map_or(Ok(10_000_000), |text| text.parse())?;
    let temporary = tempfile::tempdir()?;
    let kept = env::var_os("LIFTGATE_BENCH_DIR").map(PathBuf::from);
    let directory = std::path::absolute(kept.as_deref().unwrap_or(temporary.path()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&directory, events))
}

async fn run(directory: &Path, events: u64) -> Outcome<()> {
    if !directory.join("manifest.json").exists() {
        fill(directory, events).await?;
    }
    measure_restart().await?;
    let store = EmbeddedReader::open(directory, QueryOptions::default())?;
    say(&format!("files: {}", file_report(directory)?))?;

    let child = Command::new(env::current_exe()?)
        .arg(MEASURE)
        .arg(directory)
        .stdout(Stdio::piped())
        .output()?;
    let ours: Vec<f64> = String::from_utf8(child.stdout)?
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    let [cpu_seconds, seconds, peak_kib, rows] = ours[..] else {
        return Err("the measurement gave no figures".into());
    };
    say(&format!(
        "liftgate: {cpu_seconds:.2} CPU-s, {seconds:.2} s, peak {:.0} MiB, {rows} rows scanned",
        peak_kib / 1024.0
    ))?;

    let Some(python) = env::var_os("LIFTGATE_PYTHON") else {
        return say("duckdb: skipped, LIFTGATE_PYTHON is not set");
    };
    let ReproductionSql { sql, is_complete } = store.reproduction_sql(&query(), &metrics()).await?;
    if !is_complete {
        return Err("events wait in the log".into());
    }
    let statistics = store.sufficient_statistics(&query(), &metrics()).await?;
    for (name, sql) in [
        ("the SQL we show", &sql),
        ("SQL on our hash and number columns", &tuned_sql(directory)),
    ] {
        let answer = duckdb(&python, directory, sql)?;
        let (their_cpu, their_peak) = (number(&answer["cpu_seconds"]), number(&answer["peak_kib"]));
        say(&format!(
            "duckdb, {name}: {their_cpu:.2} CPU-s, peak {:.0} MiB; liftgate takes 1/{:.1} of the CPU, 1/{:.1} of the memory",
            their_peak / 1024.0,
            their_cpu / cpu_seconds,
            their_peak / peak_kib
        ))?;
        compare(&statistics, &answer)?;
    }
    Ok(())
}

/// Opens a store whose log holds a million events that are not sealed, as after a crash.
async fn measure_restart() -> Outcome<()> {
    let directory = tempfile::tempdir()?;
    let options = EmbeddedOptions {
        seal_after: None,
        ..EmbeddedOptions::default()
    };
    let store = EmbeddedStore::open(directory.path(), options)?;
    let mut random = Random(7);
    let mut appending_seconds = 0.0;
    let total = u64::from(RESTART_BATCHES) * BATCH;
    for batch in 0..u64::from(RESTART_BATCHES) {
        let events = (0..BATCH)
            .map(|at| event(&mut random, batch * BATCH + at, total))
            .collect();
        let started = Instant::now();
        store.append(events).await?;
        appending_seconds += started.elapsed().as_secs_f64();
    }
    drop(store);
    let started = Instant::now();
    let store = EmbeddedStore::open(directory.path(), options)?;
    let seconds = started.elapsed().as_secs_f64();
    let mebibytes = store.unsealed_bytes() >> 20;
    let milliseconds = appending_seconds * 1_000.0 / f64::from(RESTART_BATCHES);
    say(&format!(
        "log: {milliseconds:.2} ms a batch of {BATCH} events; opened with {total} unsealed events ({mebibytes} MiB) in \
         {seconds:.2} s"
    ))
}

/// Writes the events through the log and the sealing path, as a server would receive them: in the order of time.
async fn fill(directory: &Path, events: u64) -> Outcome<()> {
    let started = Instant::now();
    let store = EmbeddedStore::open(directory, EmbeddedOptions::default())?;
    let mut random = Random(42);
    for batch in 0..events / BATCH {
        store
            .append(
                (0..BATCH)
                    .map(|at| event(&mut random, batch * BATCH + at, events))
                    .collect(),
            )
            .await?;
    }
    let appended = started.elapsed().as_secs_f64();
    store.seal_now().await?;
    let sealed = started.elapsed().as_secs_f64();
    store.compact_now().await?;
    let compacted = started.elapsed().as_secs_f64();
    say(&format!(
        "{events} events: appended after {appended:.1} s, sealed after {sealed:.1} s, compacted after {compacted:.1} s; \
         writer: {:.1} CPU-s, peak {:.0} MiB",
        cpu_seconds()?,
        peak_kib()? / 1024.0
    ))?;
    store.close().await;
    Ok(())
}

fn event(random: &mut Random, number: u64, events: u64) -> Event {
    let identities = events / EXPOSURE_EVERY;
    let exposure = number.is_multiple_of(EXPOSURE_EVERY);
    // Every identity is exposed once, in an order of its own; its other events come at any time.
    let identity = if exposure {
        number / EXPOSURE_EVERY
    } else {
        random.below(identities)
    };
    let jitter = i64::try_from(random.below(60_000)).unwrap_or(0);
    let timestamp_ms = START_MS
        + i64::try_from(number * (DAYS as u64 * DAY_MS as u64 - 60_000) / events).unwrap_or(0)
        + jitter;
    let kind = random.below(9);
    let (name, value) = match kind {
        _ if exposure => (
            EXPOSURE_EVENT,
            Some(if identity % 2 == 0 { "control" } else { "treatment" }.to_owned()),
        ),
        0 => (
            METRIC_EVENTS[0],
            Some(format!("{}.{:02}", random.below(200), random.below(100))),
        ),
        1..6 => (METRIC_EVENTS[1], None),
        _ => (METRIC_EVENTS[2], Some(random.below(3_600).to_string())),
    };
    Event {
        environment_key: "8KzETdDeMY7xkqkSkY3Gsg".to_owned(),
        event: name.to_owned(),
        feature_name: exposure.then(|| "checkout_button".to_owned()),
        identifier: Some(format!(
            "user-{:016x}",
            identity.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        )),
        value,
        traits: "{\"plan\":\"pro\"}".to_owned(),
        metadata: "{\"sdk_version\":\"12.4.0\"}".to_owned(),
        timestamp_ms,
        collected_at_ms: timestamp_ms + 5_000,
        sdk_language: "js".to_owned(),
        sdk_version: "12.4.0".to_owned(),
    }
}

fn query() -> ExposureQuery {
    ExposureQuery {
        environment_key: "8KzETdDeMY7xkqkSkY3Gsg".to_owned(),
        feature_name: "checkout_button".to_owned(),
        from_ms: START_MS,
        until_ms: START_MS + DAYS * DAY_MS,
    }
}

fn metrics() -> Vec<MetricQuery> {
    vec![
        MetricQuery::new(1, METRIC_EVENTS[0], Aggregation::Sum),
        MetricQuery::new(2, METRIC_EVENTS[1], Aggregation::Count),
        MetricQuery::new(3, METRIC_EVENTS[2], Aggregation::Mean),
    ]
}

/// The same question as fast as DuckDB can be asked it: no parsing of texts, 128-bit integers for identities.
fn tuned_sql(directory: &Path) -> String {
    let files = directory.join("parquet/environment=8KzETdDeMY7xkqkSkY3Gsg/day=*/part-*.parquet");
    format!(
        "WITH e AS (
            SELECT identifier_hash_high h, identifier_hash_low l, min(value) AS variant,
                min(value) <> max(value) AS quarantined, min(timestamp) AS first
            FROM read_parquet('{files}', hive_partitioning = false)
            WHERE event = '$flag_exposure' AND feature_name = 'checkout_button' GROUP BY 1, 2),
        u AS (
            SELECT e.variant,
                coalesce(sum(m.numeric_value) FILTER (WHERE m.event = 'purchase'), 0) AS m0,
                count(m.event) FILTER (WHERE m.event = 'page_view')::DOUBLE AS m1,
                coalesce(avg(m.numeric_value) FILTER (WHERE m.event = 'session_length'), 0) AS m2
            FROM e LEFT JOIN (
                SELECT event, identifier_hash_high h, identifier_hash_low l, timestamp, numeric_value
                FROM read_parquet('{files}', hive_partitioning = false)
                WHERE event IN ('purchase', 'page_view', 'session_length')
            ) m ON m.h = e.h AND m.l = e.l AND m.timestamp >= e.first
            WHERE NOT e.quarantined GROUP BY e.h, e.l, e.variant)
        SELECT variant, count(*) AS n, sum(m0) AS m0_sum, sum(m0 * m0) AS m0_sum_squares, sum(m1) AS m1_sum,
            sum(m1 * m1) AS m1_sum_squares, sum(m2) AS m2_sum, sum(m2 * m2) AS m2_sum_squares
        FROM u GROUP BY variant ORDER BY variant",
        files = files.display()
    )
}

/// Runs one analysis and prints processor seconds, seconds, peak memory in KiB and rows scanned.
fn measure_analysis(directory: &Path) -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let store = EmbeddedReader::open(directory, QueryOptions::default())?;
    let before = cpu_seconds()?;
    let statistics = runtime.block_on(store.sufficient_statistics(&query(), &metrics()))?;
    let cpu_seconds = cpu_seconds()? - before;
    let seconds = statistics.duration.as_secs_f64();
    say(&format!(
        "{cpu_seconds} {seconds} {} {}",
        peak_kib()?,
        statistics.rows_scanned
    ))
}

/// Runs SQL in the directory that the store's directory lies in.
fn duckdb(python: &std::ffi::OsStr, store: &Path, sql: &str) -> Outcome<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/duckdb_oracle.py");
    let mut child = Command::new(python)
        .arg(script)
        .current_dir(store.parent().ok_or("the store's directory lies nowhere")?)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    child
        .stdin
        .take()
        .ok_or("no standard input")?
        .write_all(sql.as_bytes())?;
    Ok(serde_json::from_slice(&child.wait_with_output()?.stdout)?)
}

fn compare(statistics: &SufficientStatistics, answer: &serde_json::Value) -> Outcome<()> {
    for row in answer["rows"].as_array().ok_or("no rows")? {
        let variant = row[0].as_str().ok_or("no variant")?;
        for (index, metric) in statistics.metrics.iter().enumerate() {
            let ours = metric.variants[variant];
            for (at, ours) in [(2 + 2 * index, ours.sum), (3 + 2 * index, ours.sum_squares)] {
                let theirs = number(&row[at]);
                if (ours - theirs).abs() > 1e-9 * theirs.abs() {
                    return Err(format!("{variant}, metric {index}: {ours} here, {theirs} there").into());
                }
            }
        }
    }
    Ok(())
}

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn file_report(directory: &Path) -> Outcome<String> {
    let (mut files, mut bytes) = (0, 0);
    let mut directories = vec![directory.join("parquet")];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                directories.push(entry.path());
            } else {
                files += 1;
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(format!("{files}, {} MiB", bytes >> 20))
}

/// Processor seconds of this process, user and system.
fn cpu_seconds() -> Outcome<f64> {
    const TICKS_PER_SECOND: f64 = 100.0;
    let status = fs::read_to_string("/proc/self/stat")?;
    let after_name = status.rsplit(')').next().ok_or("no status")?;
    let ticks = |field: usize| {
        after_name
            .split_whitespace()
            .nth(field)
            .and_then(|text| text.parse::<f64>().ok())
    };
    let user = ticks(11).ok_or("no user time")?;
    Ok((user + ticks(12).ok_or("no system time")?) / TICKS_PER_SECOND)
}

/// The highest resident memory of this process, in KiB.
fn peak_kib() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .ok_or("no peak")?;
    Ok(line.split_whitespace().nth(1).ok_or("no peak")?.parse()?)
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(io::stdout(), "{line}")?)
}

/// A small generator of repeatable numbers (Vigna, SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
