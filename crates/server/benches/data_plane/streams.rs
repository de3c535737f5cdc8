//! Subscribers to the stream of one environment: what each costs, and how soon all know of a change.

use super::process::Process;
use super::say;
use super::world::World;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

/// Subscriptions being opened at the same time.
const OPENING: usize = 64;
/// How long memory must stay as it is to count.
const SETTLING: Duration = Duration::from_secs(5);
/// Changes that are measured.
const CHANGES: usize = 5;

/// Opens the subscribers, unless there are to be none, and changes a flag a few times.
pub async fn measure(server: &Process, world: &World) {
    let count: usize = std::env::var("LIFTGATE_BENCH_STREAMS").map_or(10_000, |text| text.parse().unwrap());
    if count == 0 {
        return;
    }
    let (told, mut heard) = mpsc::channel(count);
    let turns = Arc::new(Semaphore::new(OPENING));
    let request = format!(
        "GET /sse/environments/{}/stream HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n\r\n",
        world.client_key
    );
    let address: Arc<str> = server.origin.trim_start_matches("http://").into();
    let half = count / 2;
    subscribe(half, &address, &request, &turns, &told, &mut heard).await;
    let before = settled_mib(server).await;
    subscribe(count - half, &address, &request, &turns, &told, &mut heard).await;
    let grown = (settled_mib(server).await - before) * 1024.0;
    let each = grown / f64::from(u32::try_from(count - half).unwrap());
    say(&format!(
        "{count} subscribers: {each:.2} KiB each, by the growth from {half} (goal 4)"
    ));

    let list = world
        .client
        .get(format!("{}featurestates/", world.path))
        .await
        .expect(200);
    let state = format!("{}featurestates/{}/", world.path, list["results"][0]["id"]);
    let mut slowest = Vec::new();
    for change in 0..CHANGES {
        let cpu = server.cpu_seconds();
        let begun = Instant::now();
        world
            .client
            .put(&state, json!({"enabled": change % 2 == 1}))
            .await
            .expect(200);
        let last = all_told(&mut heard, count).await;
        slowest.push((last - begun, server.cpu_seconds() - cpu));
    }
    slowest.sort_unstable_by_key(|(time, _)| *time);
    let (median, cpu) = slowest[CHANGES / 2];
    say(&format!(
        "a change is known to all after {:.0} ms, {:.0} ms at worst (goal 250; the request itself and the reading of this \
         process included), {:.0} ms of processor time",
        median.as_secs_f64() * 1e3,
        slowest[CHANGES - 1].0.as_secs_f64() * 1e3,
        cpu * 1e3
    ));
}

/// Resident memory once it stays as it is: what was needed before is given back a while later.
async fn settled_mib(server: &Process) -> f64 {
    let mut last = f64::INFINITY;
    loop {
        let now = server.resident_mib();
        if (now - last).abs() < 0.1 {
            return now;
        }
        last = now;
        tokio::time::sleep(SETTLING).await;
    }
}

/// Opens so many more, and waits until each has heard its first notice and what opening needed is given back.
async fn subscribe(
    count: usize,
    address: &Arc<str>,
    request: &str,
    turns: &Arc<Semaphore>,
    told: &mpsc::Sender<Instant>,
    heard: &mut mpsc::Receiver<Instant>,
) {
    for _ in 0..count {
        let turn = Arc::clone(turns).acquire_owned().await.unwrap();
        tokio::spawn(listen(
            Arc::clone(address),
            request.to_owned(),
            told.clone(),
            turn,
        ));
    }
    all_told(heard, count).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// One subscriber: tells whenever it hears something. The turn is over with the first notice.
async fn listen(address: Arc<str>, request: String, told: mpsc::Sender<Instant>, turn: OwnedSemaphorePermit) {
    let mut stream = TcpStream::connect(&*address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut turn = Some(turn);
    let mut bytes = vec![0; 1024];
    loop {
        let read = stream.read(&mut bytes).await.unwrap_or_default();
        if read == 0 {
            // The measurement is over, or the subscribers that are missed end it.
            return;
        }
        if String::from_utf8_lossy(&bytes[..read]).contains("data: ") {
            drop(turn.take());
            if told.send(Instant::now()).await.is_err() {
                return;
            }
        }
    }
}

/// When the last of so many subscribers heard something.
async fn all_told(heard: &mut mpsc::Receiver<Instant>, count: usize) -> Instant {
    let mut last = Instant::now();
    for _ in 0..count {
        last = tokio::time::timeout(Duration::from_mins(1), heard.recv())
            .await
            .unwrap()
            .unwrap();
    }
    last
}
