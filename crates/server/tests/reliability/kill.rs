//! `kill -9` while events are being sent and flags administered: after the restart every acknowledged event is in the
//! results, and every acknowledged change is there, whole and once. `LIFTGATE_KILLS` sets how often (20).

use crate::administration::Administration;
use liftgate_testkit::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Senders at the same time.
const SENDERS: u64 = 4;
/// Events sent together.
const BATCH: u64 = 20;

/// Where the data is.
struct Place {
    data: TempDir,
    database: Option<String>,
}

impl Place {
    /// The binary on this data.
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liftgate"));
        command
            .arg("--data-dir")
            .arg(self.data.path())
            .env_remove("LIFTGATE_DATABASE_URL")
            .env_remove("DATABASE_URL");
        if let Some(url) = &self.database {
            command.env("LIFTGATE_DATABASE_URL", url);
        }
        command
    }
}

/// The server as a process of its own.
struct Process {
    child: Child,
    origin: String,
    setup: Option<String>,
}

impl Process {
    fn start(place: &Place) -> Self {
        let mut child = place
            .command()
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("LIFTGATE_LOG", "error")
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("the output is a pipe")).lines();
        let mut line = || {
            lines
                .next()
                .expect("the server says where it is")
                .expect("the output is text")
        };
        let origin = line()
            .rsplit(' ')
            .next()
            .expect("the line ends with the address")
            .trim_end_matches('/')
            .to_owned();
        let setup = (!place.data.path().join("done").exists()).then(line);
        Self { child, origin, setup }
    }

    fn kill(mut self) {
        // SIGKILL.
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server is gone");
    }
}

/// What the senders had acknowledged: identities by variant.
type Acknowledged = Arc<Mutex<BTreeMap<String, &'static str>>>;

#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_survives_kills() {
    let kills: u32 = std::env::var("LIFTGATE_KILLS").map_or(20, |text| text.parse().unwrap());
    let place = Place {
        data: tempfile::tempdir().expect("a folder can be made"),
        database: liftgate_testkit::fresh_postgres().await,
    };
    let server = Process::start(&place);
    let (client, key, experiment) = set_up(&server).await;
    std::fs::write(place.data.path().join("done"), "").expect("the folder can be written");
    let administration = Administration::new(&Client::new(&server.origin).with_token(&client), &key).await;
    let acknowledged: Acknowledged = Arc::default();
    let counter = Arc::new(AtomicU64::new(0));
    let mut chance = 0x2545_F491_4F6C_DD1D_u64;
    let mut running = server;
    let mut restarts = Vec::new();
    for _ in 0..kills {
        let administrator = Client::new(&running.origin).with_token(&client);
        let working = tokio::spawn(administration.clone().work(administrator));
        let senders: Vec<_> = (0..SENDERS)
            .map(|_| {
                let sdk = Client::new(&running.origin).with_environment_key(&key);
                tokio::spawn(send(sdk, Arc::clone(&counter), Arc::clone(&acknowledged)))
            })
            .collect();
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        tokio::time::sleep(Duration::from_millis(30 + chance % 400)).await;
        running.kill();
        for sender in senders {
            sender.abort();
        }
        working.abort();
        let begun = Instant::now();
        running = Process::start(&place);
        restarts.push(begun.elapsed());
    }
    let wanted = acknowledged.lock().expect("no sender panicked").clone();
    assert!(wanted.len() > 500, "the senders were at work: {}", wanted.len());

    let client = Client::new(&running.origin).with_token(&client);
    let changes = administration.check(&client).await;
    restarts.sort_unstable();
    client
        .post(format!("{experiment}results/refresh/"), json!({}))
        .await
        .expect(202);
    let payload = loop {
        let row = client.get(format!("{experiment}results/")).await.expect(200)["results"].clone();
        if row["as_of"].as_str() >= row["refresh_requested_at"].as_str() && !row["payload"].is_null() {
            break row["payload"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let mut found = 0;
    for variant in ["control", "green"] {
        let least = wanted.values().filter(|seen| **seen == variant).count() as u64;
        let arm = &payload["metrics"][0]["variants"][variant];
        let n = arm["n"].as_u64().expect("there is an arm");
        assert!(n >= least, "{variant}: {n} of {least} acknowledged exposures");
        // What was stored but not acknowledged may be there too; nothing else may.
        assert!(n <= counter.load(Ordering::Relaxed), "{variant}: {n}");
        assert_eq!(
            arm["sum"].as_f64(),
            Some(f64::from(u32::try_from(n).expect("a count of people"))),
            "each identity bought once, also when its batch was resent"
        );
        found += n;
    }
    println!(
        "{kills} kills: {} exposures acknowledged, {found} found, {} sent; {changes} changes acknowledged, all found; \
         restarts {:.0} ms in the middle, {:.0} ms at worst",
        wanted.len(),
        counter.load(Ordering::Relaxed),
        restarts[restarts.len() / 2].as_secs_f64() * 1e3,
        restarts[restarts.len() - 1].as_secs_f64() * 1e3
    );
    running.kill();
    let doctor = place.command().arg("doctor").output().expect("the doctor runs");
    assert!(
        doctor.status.success(),
        "{}",
        String::from_utf8_lossy(&doctor.stdout)
    );
}

/// Sends batches of exposures with a purchase each until the server is gone; a batch without an answer is forgotten.
async fn send(sdk: Client, counter: Arc<AtomicU64>, acknowledged: Acknowledged) {
    loop {
        let first = counter.fetch_add(BATCH, Ordering::Relaxed);
        let now = liftgate_model::Clock::now(&liftgate_model::SystemClock).as_millis();
        let mut events = Vec::new();
        let mut batch = Vec::new();
        for number in first..first + BATCH {
            let variant = if number % 2 == 0 { "control" } else { "green" };
            let who = format!("person-{number}");
            let event = |name: &str, feature: Value, value: &str| {
                json!({"event": name, "feature_name": feature, "identifier": who, "value": value, "metadata": {},
                    "timestamp": now})
            };
            events.push(event("$flag_exposure", json!("button"), variant));
            events.push(event("purchase", Value::Null, "1"));
            batch.push((who, variant));
        }
        let sent = tokio::spawn({
            let sdk = sdk.clone();
            async move { sdk.post("/v1/events", json!({"events": events})).await.status }
        });
        // The client panics when the server is gone; the batch was not acknowledged then.
        match sent.await {
            Ok(202) => acknowledged.lock().expect("no sender panicked").extend(batch),
            Ok(503) => {}
            Ok(other) => panic!("the server answered {other}"),
            Err(_) => return,
        }
    }
}

/// Sets a running experiment up through the set-up link and the API; answers the session, the environment's key and the
/// experiment's path.
async fn set_up(server: &Process) -> (String, String, String) {
    let setup = server.setup.as_ref().expect("a new server prints a set-up link");
    let path = setup
        .split_whitespace()
        .find(|word| word.contains("/setup/"))
        .expect("the line has the link");
    let path = path
        .strip_prefix(&server.origin)
        .expect("the link is on this server");
    let form = "email=a%40b.example&password=a+sound+p4ssphrase&first_name=A&last_name=B&organisation=Acme";
    let page = Client::new(&server.origin)
        .send_bytes(
            reqwest::Method::POST,
            path,
            "application/x-www-form-urlencoded",
            form.into(),
        )
        .await;
    assert_eq!(page.status, 200, "{}", page.text);
    let token = page
        .text
        .split("<pre>")
        .nth(1)
        .and_then(|rest| rest.split("</pre>").next())
        .expect("the page has a token");
    let client = Client::new(&server.origin).with_token(token);
    let project = json!({"name": "Web", "organisation": 1});
    let project = client.post("/api/v1/projects/", project).await.expect(201)["id"].clone();
    let environment = json!({"name": "Production", "project": project});
    let environment = client
        .post("/api/v1/environments/", environment)
        .await
        .expect(201);
    let key = environment["api_key"]
        .as_str()
        .expect("an environment has a key")
        .to_owned();
    let features = format!("/api/v1/projects/{project}/features/");
    let feature = client
        .post(&features, json!({"name": "button", "default_enabled": true}))
        .await
        .expect(201)["id"]
        .clone();
    let option = json!({"feature": feature, "key": "green", "type": "unicode", "string_value": "g", "default_percentage_allocation": 0});
    let option = client
        .post(format!("{features}{feature}/mv-options/"), option)
        .await
        .expect(201)["id"]
        .clone();
    let base = format!("/api/v1/environments/{key}/");
    let metric = json!({"name": "Purchases", "aggregation": "count", "definition": {"version": 1, "event": "purchase"}});
    let metric = client
        .post(format!("{base}experiment-metrics/"), metric)
        .await
        .expect(201)["id"]
        .clone();
    let experiment = json!({"feature": feature, "name": "n", "hypothesis": "h",
        "metrics": [{"metric": metric, "expected_direction": "increase"}],
        "experiment_rollout": {"enabled": true, "rollout_percentage": 100, "feature_state_value": {"type": "string", "value": "c"},
            "multivariate_feature_state_values": [{"multivariate_feature_option": option, "percentage_allocation": 50}]}});
    let experiment = client
        .post(format!("{base}experiments/"), experiment)
        .await
        .expect(201)["id"]
        .clone();
    let experiment = format!("{base}experiments/{experiment}/");
    client
        .post(format!("{experiment}start/"), json!({}))
        .await
        .expect(200);
    (token.to_owned(), key, experiment)
}
