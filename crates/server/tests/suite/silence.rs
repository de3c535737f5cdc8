//! The network to Postgres falls silent: nothing is lost that was acknowledged, and nobody waits for long.

use crate::support::{is_ready, poll};
use liftgate_model::{Clock as _, EnvironmentId};
use liftgate_store::{Tx, environments};
use liftgate_testkit::{Answer, Client, Proxy, TestServer, Workspace};
use serde_json::json;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// Within this the answer comes on a busy machine too; without a limit of its own a request is given up after 30 s.
const DEADLINE: Duration = Duration::from_secs(15);

/// A node with a sound connection to Postgres, and one beside it behind a network that can fail; `None` on SQLite.
async fn nodes() -> Option<(TestServer, TestServer, Proxy)> {
    let sound = TestServer::start().await;
    let (node, proxy) = sound.beside_behind_proxy().await?;
    Some((sound, node, proxy))
}

/// Holds the row of the environment, so that every write that changes its answers waits.
async fn hold(server: &TestServer, workspace: &Workspace) -> Tx {
    let id = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let tx = server.store.begin().await.unwrap();
    environments::touch(&tx, &[id], server.clock.now()).await.unwrap();
    tx
}

/// Begins to make a feature with that name.
fn make(client: &Client, workspace: &Workspace, name: &str) -> tokio::task::JoinHandle<Answer> {
    let (client, path) = (client.clone(), workspace.project_path("features/"));
    let body = json!({"name": name, "initial_value": "x"});
    tokio::spawn(async move { client.post(path, body).await })
}

fn refused(answer: &Answer) {
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

#[tokio::test]
async fn a_write_under_way_is_refused_soon_after_the_network_falls_silent() {
    let Some((sound, node, proxy)) = nodes().await else {
        println!("skipped: SQLite needs no network");
        return;
    };
    let workspace = sound.workspace(false).await;
    let client = workspace.client.at(node.origin());
    let held = hold(&sound, &workspace).await;
    let write = make(&client, &workspace, "banner");
    poll("the write waits for its turn", async || {
        sound.blocked_statements().await == 1
    })
    .await;

    proxy.silence();
    let silent = Instant::now();
    let answer = write.await.unwrap();
    println!(
        "a write under way was refused {:?} after the silence",
        silent.elapsed()
    );
    assert!(silent.elapsed() < DEADLINE, "{:?}", silent.elapsed());
    refused(&answer);
    let begun = Instant::now();
    refused(&make(&client, &workspace, "later").await.unwrap());
    println!("a write that came then was refused after {:?}", begun.elapsed());
    assert!(begun.elapsed() < DEADLINE, "{:?}", begun.elapsed());
    assert!(!is_ready(&node).await, "readiness names the loss");
    assert_eq!(node.anonymous().get("/health/liveness/").await.status, 200);

    drop(held);
    proxy.mend();
    let mended = Instant::now();
    poll("the node is ready", async || is_ready(&node).await).await;
    poll("the node writes", async || {
        make(&client, &workspace, "after").await.unwrap().status != 503
    })
    .await;
    println!("back to normal {:?} after the network is", mended.elapsed());
    let features = client.get(workspace.project_path("features/")).await.expect(200);
    let names: Vec<_> = features["results"].as_array().unwrap().iter().collect();
    assert!(
        names.iter().any(|feature| feature["name"] == "after"),
        "{names:?}"
    );
    assert!(
        names.iter().all(|feature| feature["name"] != "later"),
        "{names:?}"
    );
    for node in [node, sound] {
        node.stop().await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_the_silence_is_there_after_it() {
    const WRITERS: usize = 24;
    let Some((sound, node, proxy)) = nodes().await else {
        println!("skipped: SQLite needs no network");
        return;
    };
    let workspace = sound.workspace(false).await;
    let client = workspace.client.at(node.origin());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (client, path) = (client.clone(), workspace.project_path("tags/"));
            tokio::spawn(async move {
                let mut acknowledged = Vec::new();
                for number in 0.. {
                    let label = format!("tag-{writer}-{number}");
                    let (body, begun) = (json!({"label": label, "color": "#3d4db6"}), Instant::now());
                    let answer = client.post(&path, body).await;
                    if answer.status != 201 {
                        refused(&answer);
                        return (acknowledged, begun.elapsed());
                    }
                    acknowledged.push(label);
                }
                unreachable!("the numbers do not end")
            })
        })
        .collect();
    let stored = async || {
        let tags = sound_tags(&workspace).await;
        tags.len()
    };
    poll("there is work", async || stored().await > 2 * WRITERS).await;
    proxy.silence();
    let (mut acknowledged, mut longest) = (Vec::new(), Duration::ZERO);
    for writer in writers {
        let (labels, took) = writer.await.unwrap();
        acknowledged.extend(labels);
        longest = longest.max(took);
    }
    println!(
        "{} writes acknowledged; the last of every writer refused within {longest:?}",
        acknowledged.len()
    );
    assert!(longest < DEADLINE, "{longest:?}");

    proxy.mend();
    let mended = Instant::now();
    let body = json!({"label": "after", "color": "#3d4db6"});
    poll("the node writes", async || {
        let path = workspace.project_path("tags/");
        client.post(path, body.clone()).await.status != 503
    })
    .await;
    println!(
        "a write went through {:?} after the network was back",
        mended.elapsed()
    );
    let there = sound_tags(&workspace).await;
    let lost: Vec<_> = acknowledged
        .iter()
        .filter(|label| !there.contains(*label))
        .collect();
    assert!(lost.is_empty(), "{lost:?}");
    for node in [node, sound] {
        node.stop().await;
    }
}

/// The labels of the project's tags, as the node with the sound connection tells them.
async fn sound_tags(workspace: &Workspace) -> HashSet<String> {
    let mut labels = HashSet::new();
    for page in 1.. {
        let path = workspace.project_path(&format!("tags/?page_size=100&page={page}"));
        let tags = workspace.client.get(path).await.expect(200);
        let rows = tags["results"].as_array().unwrap();
        labels.extend(rows.iter().map(|tag| tag["label"].as_str().unwrap().to_owned()));
        if tags["next"].is_null() {
            break;
        }
    }
    labels
}

#[tokio::test]
async fn a_database_that_is_only_slow_is_waited_for() {
    let Some((sound, node, _proxy)) = nodes().await else {
        println!("skipped: SQLite needs no network");
        return;
    };
    let workspace = sound.workspace(false).await;
    let held = hold(&sound, &workspace).await;
    let write = make(&workspace.client.at(node.origin()), &workspace, "banner");
    poll("the write waits for its turn", async || {
        sound.blocked_statements().await == 1
    })
    .await;
    // Longer than a silent database is waited for.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(!write.is_finished());
    drop(held);
    write.await.unwrap().expect(201);
    for node in [node, sound] {
        node.stop().await;
    }
}
