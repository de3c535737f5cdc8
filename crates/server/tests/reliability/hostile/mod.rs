//! Malformed requests to every route: no 5xx, no panic, no hang, and no answer that leaves bytes on a connection.
//!
//! `LIFTGATE_REQUESTS` sets how many (10,000), `LIFTGATE_SEED` where chance begins.

mod chance;
mod framing;
mod requests;
mod wire;

use chance::Chance;
use liftgate_testkit::TestServer;
use wire::Wire;

/// Memory of the process, server and test together, at most.
const RESIDENT_MIB: u64 = 512;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_do_no_harm() {
    let size: usize = std::env::var("LIFTGATE_REQUESTS").map_or(10_000, |text| text.parse().unwrap());
    let seed = std::env::var("LIFTGATE_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0x5EED_u64);
    println!("seed {seed}");
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let flag = workspace.flag("checkout", &[("ka", "a", 0.0)]).await;
    workspace
        .experiment(&flag, Some(workspace.rollout(&flag, 50.0, &[50.0])))
        .await;
    let backend = workspace
        .client
        .post(workspace.path("api-keys/"), serde_json::json!({"name": "k"}))
        .await
        .expect(201);
    let token = workspace.client.post(
        "/api/v1/auth/login/",
        serde_json::json!({"email": "admin@example.com", "password": "a sound p4ssphrase"}),
    );
    let token = token.await.expect(200)["key"].as_str().unwrap().to_owned();
    let document = server.anonymous().get("/api/v1/swagger.json").await.expect(200);
    let address = server.origin().trim_start_matches("http://").to_owned();
    let key = workspace.environment_key.clone();
    let backend = backend["key"].as_str().unwrap().to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let mut chance = Chance(seed | 1);
        let mut wire = Wire {
            address,
            stream: None,
        };
        let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
        let credentials = [
            String::new(),
            // Half of them come from somebody who may do everything.
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\n"),
            format!("Authorization: Token {token}\r\nX-Environment-Key: {key}\r\n"),
            format!("X-Environment-Key: {key}\r\n"),
            format!("X-Environment-Key: {backend}\r\n"),
            "Authorization: Token \u{e9}\r\n".to_owned(),
            "Authorization: Api-Key a.b\r\n".to_owned(),
            "X-Environment-Key: ser.nope\r\n".to_owned(),
        ];
        let framing = framing::Framing::new(&key);
        let mut bursts = 0;
        let mut sent = 0;
        while sent < size {
            for (path, methods) in requests::paths(&document, &key, &mut chance) {
                // What ends the session or never ends is left out.
                if path.contains("/auth/logout/")
                    || path.contains("/auth/token/")
                    || path.ends_with("/stream")
                {
                    continue;
                }
                let other = ["PUT", "PATCH", "POST", "GET", "OPTIONS", "HEAD", "BREW"];
                let method = if chance.below(5) == 0 {
                    chance.of(&other).to_string()
                } else {
                    chance.of(&methods).clone()
                };
                let removes = method == "DELETE" && !path.contains("segments/") && chance.below(50) > 0;
                if removes {
                    continue;
                }
                let credentials = chance.of(&credentials).clone();
                let request = requests::request(&method, &path, &credentials, &mut chance);
                let status = wire.ask(&request, method == "HEAD");
                let status =
                    status.unwrap_or_else(|fault| panic!("{fault}\n{}", String::from_utf8_lossy(&request)));
                let harmless = status < 500 || status == 503 && path.contains("warehouse");
                assert!(harmless, "{status} for\n{}", String::from_utf8_lossy(&request));
                *statuses.entry(status).or_default() += 1;
                sent += 1;
                if sent % 20 == 0 {
                    let burst = framing.burst(&mut chance);
                    let show =
                        || String::from_utf8_lossy(&burst.bytes[..burst.bytes.len().min(600)]).into_owned();
                    let answers = wire.burst(&burst.bytes, burst.answers.is_some());
                    let answers = answers.unwrap_or_else(|fault| panic!("{fault}\n{}", show()));
                    assert!(
                        answers.iter().all(|status| *status < 500),
                        "{answers:?} for\n{}",
                        show()
                    );
                    assert!(
                        burst.answers.is_none_or(|count| answers == vec![200; count]),
                        "{answers:?} for\n{}",
                        show()
                    );
                    bursts += 1;
                }
            }
        }
        (sent, bursts, statuses)
    });
    let (sent, bursts, statuses) = work.await.unwrap();
    println!("{sent} malformed requests, by status: {statuses:?}; {bursts} bursts of broken HTTP");
    // A bystander is served as before.
    server.anonymous().get("/health/liveness/").await.expect(200);
    let metrics = server.anonymous().get("/metrics").await;
    let panics = metrics
        .text
        .lines()
        .find(|line| line.starts_with("http_panics_total"));
    assert!(panics.is_none_or(|line| line.ends_with(" 0")), "{panics:?}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    let mib = resident.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024;
    println!("{mib} MiB resident, server and test together");
    assert!(mib <= RESIDENT_MIB, "{mib} MiB");
    server.stop().await;
}
