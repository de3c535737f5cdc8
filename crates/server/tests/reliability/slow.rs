//! Clients that are slow on purpose, and bodies that do not end: flags are served meanwhile, and both are got rid of.
//!
//! `LIFTGATE_SLOW` sets how many slow connections there are (200).

use liftgate_testkit::{Client, TestServer};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Bodies without an end at the same time.
const ENDLESS: usize = 20;
/// What of such a body may be read before it is refused.
const ENDLESS_BYTES: usize = 16 * 1024 * 1024;
/// How long a slow connection may last.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long anything may take on a busy machine.
const DEADLINE: Duration = Duration::from_mins(2);
/// Calls whose times are compared.
const CALLS: usize = 300;

/// Ways to be slow: what is sent at once, and what then drips.
const SLOW: [(&str, &[u8]); 3] = [
    ("GET /api/v1/flags/ HTTP/1.1\r\nhost: slow\r\nx-slow: ", b"x"),
    (
        "POST /api/v1/identities/ HTTP/1.1\r\nhost: slow\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n",
        b"[",
    ),
    ("", b""),
];

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_and_endless_bodies_are_cut_and_flags_served() {
    let count: usize = std::env::var("LIFTGATE_SLOW").map_or(200, |text| text.parse().unwrap());
    let server = TestServer::start_with(|serve| serve.max_connections = count + 1_000).await;
    let workspace = server.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let (sdk, key) = (workspace.sdk(), workspace.environment_key.clone());
    let address = server.origin().trim_start_matches("http://").to_owned();
    let calm = times(&sdk).await;
    println!("calm: {calm}");

    let slow: Vec<_> = (0..count)
        .map(|at| {
            let (start, drip) = SLOW[at % SLOW.len()];
            let start = match start {
                "" => String::new(),
                // Headers that come to an end are those of a known client.
                start if drip == b"[" => format!("{start}x-environment-key: {key}\r\n\r\n"),
                start => start.to_owned(),
            };
            tokio::spawn(drip_until_cut(address.clone(), start, drip))
        })
        .collect();
    println!("beside {count} slow connections: {}", times(&sdk).await);

    let before = resident_kib();
    let endless: Vec<_> = (0..ENDLESS)
        .map(|_| tokio::spawn(send_without_end(address.clone(), key.clone())))
        .collect();
    for body in endless {
        let (status, sent) = body.await.unwrap();
        assert_eq!(status, 413);
        assert!(sent <= ENDLESS_BYTES, "{sent} bytes were sent");
    }
    println!(
        "{ENDLESS} endless bodies: memory of server and test grew by {} KiB",
        resident_kib().saturating_sub(before)
    );
    println!("after them: {}", times(&sdk).await);

    let mut longest = Duration::ZERO;
    for connection in slow {
        longest = longest.max(connection.await.unwrap());
    }
    println!("the last slow connection was cut after {longest:?}");
    assert!(longest <= PATIENCE, "{longest:?}");
    assert_eq!(server.anonymous().get("/health/readiness/").await.status, 200);
    server.stop().await;
}

/// Calls, all of which must be answered: their median and 99th percentile, in words.
async fn times(sdk: &Client) -> String {
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let begun = Instant::now();
        sdk.get("/api/v1/flags/").await.expect(200);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    format!(
        "flags in {:?} (median), {:?} (99 of 100)",
        times[CALLS / 2],
        times[CALLS * 99 / 100]
    )
}

/// Sends a start, and then the rest a little at a time; how long the server bears it.
async fn drip_until_cut(address: String, start: String, drip: &'static [u8]) -> Duration {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let _ = stream.write_all(start.as_bytes()).await;
    let mut answer = [0; 1024];
    loop {
        assert!(begun.elapsed() < DEADLINE, "a slow connection stays");
        let read = tokio::time::timeout(Duration::from_millis(500), stream.read(&mut answer)).await;
        match read {
            Ok(Ok(0) | Err(_)) => return begun.elapsed(),
            // An answer to what is not complete; then the connection is closed.
            Ok(Ok(_)) => {}
            Err(_) => {
                if stream.write_all(drip).await.is_err() {
                    return begun.elapsed();
                }
            }
        }
    }
}

/// Sends a body until the answer comes: its status, and how much was sent.
async fn send_without_end(address: String, key: String) -> (u16, usize) {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let head = format!(
        "POST /api/v1/identities/ HTTP/1.1\r\nhost: endless\r\nx-environment-key: {key}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let sending = async {
        let mut sent = 0;
        if to.write_all(head.as_bytes()).await.is_ok() {
            let chunk = [b"4000\r\n".as_slice(), &[b' '; 0x4000], b"\r\n"].concat();
            while sent <= ENDLESS_BYTES && to.write_all(&chunk).await.is_ok() {
                sent += 0x4000;
            }
        }
        sent
    };
    let answer = async {
        let mut head = [0; 64];
        let read = from.read(&mut head).await.unwrap();
        let head = std::str::from_utf8(&head[..read]).unwrap();
        head.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let both = async { tokio::join!(answer, sending) };
    tokio::time::timeout(DEADLINE, both)
        .await
        .expect("an endless body is refused in time")
}

/// Memory of this process, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
