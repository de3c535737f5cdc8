//! `liftgate doctor`, `liftgate migrate`, and what `liftgate serve` refuses.

use crate::data::{Data, errors_of};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    entries
        .flat_map(|entry| {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}

#[test]
fn a_fresh_directory_is_sound_once_it_is_migrated() {
    let data = Data::new();
    let nothing = data.run(&["doctor"]);
    assert!(!nothing.status.success(), "there is no database yet");
    assert!(String::from_utf8_lossy(&nothing.stdout).contains("there is no database at"));
    data.succeed(&["migrate"]);
    data.succeed(&["migrate"]);
    let report = data.succeed(&["doctor"]);
    assert!(report.contains("sound, schema up to date"), "{report}");
}

#[test]
fn a_copy_that_is_none_is_reported() {
    let data = Data::new();
    data.succeed(&["migrate"]);
    assert!(data.succeed(&["doctor"]).contains("copies: none"));
    let copies = data.path().join("environments");
    std::fs::create_dir(&copies).expect("a folder can be made");
    assert!(data.succeed(&["doctor"]).contains("copies: none yet"));
    std::fs::write(copies.join("7.copy"), "liftgate environment 1 ").expect("a file can be written");
    let report = data.run(&["doctor"]);
    assert!(!report.status.success());
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(
        report.contains("DAMAGED  copies: environment 7: its checksum is wrong"),
        "{report}"
    );
}

#[tokio::test]
async fn a_flipped_byte_of_the_event_log_is_found() {
    let data = Data::new();
    let arguments = ["bootstrap", "--organisation", "Acme", "--project", "Web"];
    let environments = ["--environments", "Production", "--client-key", "production-key"];
    data.succeed(&[&arguments[..], &environments[..]].concat());
    let server = data.serve();
    let events: Vec<_> = (0..50)
        .map(|at| json!({"event": "purchase", "identifier": at.to_string(), "metadata": {}, "timestamp": 1_795_000_000_000_u64}))
        .collect();
    let sdk = server.client().with_environment_key("production-key");
    sdk.post("/v1/events", json!({"events": events}))
        .await
        .expect(202);
    sdk.post("/v1/events", json!({"events": [{"event": "last", "identifier": "x", "metadata": {}, "timestamp": 1_795_000_000_000_u64}]}))
        .await
        .expect(202);
    server.kill();
    assert!(data.run(&["doctor"]).status.success());

    let log = files(&data.path().join("events"))
        .into_iter()
        .max_by_key(|path| path.metadata().map(|meta| meta.len()).unwrap_or_default())
        .expect("there is a log");
    let mut bytes = std::fs::read(&log).expect("the log can be read");
    // In the middle of the first batch: what follows it shows that this is no torn tail.
    bytes[200] ^= 0x20;
    std::fs::write(&log, bytes).expect("the log can be written");
    let damaged = data.run(&["doctor"]);
    assert!(!damaged.status.success());
    let report = String::from_utf8_lossy(&damaged.stdout).into_owned();
    assert!(report.contains("DAMAGED  events"), "{report}");
}

#[test]
fn a_key_that_others_can_read_is_reported() {
    let data = Data::new();
    data.succeed(&["bootstrap", "--organisation", "Acme"]);
    let key = data.path().join("secret.key");
    let mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&key, permissions).expect("the mode can be set");
    };
    assert_eq!(
        key.metadata().expect("there is a key").permissions().mode() & 0o777,
        0o600
    );
    mode(0o644);
    let report = data.run(&["doctor"]);
    assert!(!report.status.success());
    assert!(String::from_utf8_lossy(&report.stdout).contains("can be read by others"));
    mode(0o600);
    data.succeed(&["doctor"]);
}

#[test]
fn a_second_server_on_the_same_data_and_a_port_in_use_are_refused() {
    let data = Data::new();
    let server = data.serve();
    let second = data.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(!second.status.success(), "two writers of one event log");
    assert!(!errors_of(&second).is_empty());
    let address = server.origin.trim_start_matches("http://").to_owned();
    let elsewhere = Data::new();
    let third = elsewhere.run(&["serve", "--listen", &address]);
    assert!(!third.status.success());
    assert!(errors_of(&third).contains(&address), "{}", errors_of(&third));
}
