//! Several nodes on one Postgres.

use crate::streams::{path, served, switch, toggle};
use crate::support::{PATIENCE, poll};
use liftgate_app::IDENTITY_AGE_SECONDS;
use liftgate_model::identity::TraitValue;
use liftgate_model::{Clock as _, EnvironmentId};
use liftgate_store::{identities, identity_batches};
use liftgate_testkit::{Client, Notices, Proxy, TestServer};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_change_on_one_node_is_served_and_told_by_all() {
    let first = TestServer::start().await;
    let (Some(second), Some(third)) = (first.beside().await, first.beside().await) else {
        println!("skipped: SQLite has one node");
        return;
    };
    let workspace = first.workspace(false).await;
    workspace.feature("banner", "hello").await;
    switch(&workspace, true).await;
    let others =
        [&second, &third].map(|node| node.anonymous().with_environment_key(&workspace.environment_key));
    let stream = path(&workspace);
    let mut streams = Vec::new();
    for sdk in &others {
        let begun = Instant::now();
        while sdk.get("/api/v1/flags/").await.body[0]["enabled"] != true
            || sdk.open(&stream).await.status() != 200
        {
            assert!(begun.elapsed() < PATIENCE, "the environment is not served");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        streams.push(Notices::open(sdk, &stream).await);
    }
    for enabled in [false, true, false] {
        toggle(&workspace, enabled).await;
        let changed = Instant::now();
        let news = served(&workspace).await;
        for (sdk, notices) in others.iter().zip(&mut streams) {
            // Older news may have waited.
            while notices.next().await.expect("the stream goes on").data["updated_at"]
                .as_f64()
                .unwrap()
                < news
            {}
            println!("told after {:?}", changed.elapsed());
            let flags: Value = sdk.get("/api/v1/flags/").await.expect(200);
            assert_eq!(flags[0]["enabled"], enabled, "what is told is served");
        }
    }
    for node in [third, second, first] {
        node.stop().await;
    }
}

#[tokio::test]
async fn a_node_that_is_cut_off_serves_what_it_had_and_catches_up() {
    let first = TestServer::start().await;
    let (Some(second), Some((third, proxy))) = (first.beside().await, first.beside_behind_proxy().await)
    else {
        println!("skipped: SQLite has one node");
        return;
    };
    let workspace = first.workspace(false).await;
    workspace.feature("banner", "hello").await;
    let nodes = [&second, &third];
    let at = |node: &TestServer| node.anonymous().with_environment_key(&workspace.environment_key);
    let is_enabled = async |node: &TestServer, enabled: bool| {
        at(node).get("/api/v1/flags/").await.body[0]["enabled"] == enabled
    };
    let ways: [fn(&Proxy); 2] = [Proxy::cut, Proxy::silence];
    let mut enabled = true;
    for fail in ways {
        let made = workspace
            .client
            .post(workspace.path("api-keys/"), json!({"name": "server"}))
            .await
            .expect(201);
        let key = made["key"].as_str().unwrap();
        let status = async |node: &TestServer| {
            let sdk = node.anonymous().with_environment_key(key);
            sdk.get("/api/v1/flags/").await.status
        };
        for node in nodes {
            poll("key and flag are known", async || {
                status(node).await == 200 && is_enabled(node, enabled).await
            })
            .await;
        }

        fail(&proxy);
        toggle(&workspace, !enabled).await;
        let path = workspace.path(&format!("api-keys/{}/", made["id"]));
        workspace.client.delete(path).await.expect(204);
        poll("the second node hears of it", async || {
            status(&second).await == 403 && is_enabled(&second, !enabled).await
        })
        .await;
        for _ in 0..20 {
            assert!(is_enabled(&third, enabled).await, "it serves what it had");
            assert_eq!(status(&third).await, 200);
            at(&third)
                .get("/api/v1/identities/?identifier=alice")
                .await
                .expect(200);
        }

        proxy.mend();
        let mended = Instant::now();
        poll("the third node catches up", async || {
            status(&third).await == 403 && is_enabled(&third, !enabled).await
        })
        .await;
        println!("caught up {:?} after the network was mended", mended.elapsed());
        enabled = !enabled;
    }
    for node in [third, second, first] {
        node.stop().await;
    }
}

/// The value of the trait `plan` of an identity, as a node answers it.
async fn plan(sdk: &Client, identifier: &str) -> Value {
    let path = format!("/api/v1/identities/?identifier={identifier}");
    sdk.get(path).await.expect(200)["traits"][0]["trait_value"].clone()
}

#[tokio::test]
async fn traits_written_on_one_node_are_read_on_others_that_remember_them() {
    let first = TestServer::start().await;
    let Some((second, proxy)) = first.beside_behind_proxy().await else {
        println!("skipped: SQLite has one node");
        return;
    };
    let workspace = first.workspace(false).await;
    let key = workspace.environment_key.as_str();
    let [here, there] = [&first, &second].map(|node| node.anonymous().with_environment_key(key));
    poll("the environment is served", async || {
        there.get("/api/v1/flags/").await.status == 200
    })
    .await;
    let write = async |sdk: &Client, identifier: &str, value: &str| {
        let body = json!({"identifier": identifier, "traits": [{"trait_key": "plan", "trait_value": value}]});
        sdk.post("/api/v1/identities/", body).await.expect(200);
    };
    for (writer, reader, value) in [
        (&here, &there, "free"),
        (&there, &here, "pro"),
        (&here, &there, "max"),
    ] {
        plan(reader, "alice").await;
        write(writer, "alice", value).await;
        let written = Instant::now();
        poll("the other node reads it", async || {
            plan(reader, "alice").await == value
        })
        .await;
        println!("read elsewhere {:?} after it was written", written.elapsed());
        assert_eq!(plan(writer, "alice").await, value);
    }

    // By an administrator, of one identity and of all.
    let all = workspace.path("identities/?q=alice");
    let id = workspace.client.get(all).await.expect(200)["results"][0]["id"].clone();
    let traits = workspace.path(&format!("identities/{id}/traits/"));
    let stored = workspace.client.get(&traits).await.expect(200)["results"][0]["id"].clone();
    let change = json!({"trait_key": "plan", "string_value": "old", "value_type": "unicode"});
    workspace
        .client
        .put(format!("{traits}{stored}/"), change)
        .await
        .expect(200);
    poll("the change is read", async || {
        plan(&there, "alice").await == "old"
    })
    .await;
    let doomed = json!({"key": "plan"});
    workspace
        .client
        .post(workspace.path("delete-traits/"), doomed)
        .await
        .expect(200);
    poll("it is gone", async || plan(&there, "alice").await.is_null()).await;

    // News missed: what is remembered counts while the node is cut off, and is read again once it hears again.
    write(&here, "alice", "free").await;
    poll("the other node reads it", async || {
        plan(&there, "alice").await == "free"
    })
    .await;
    proxy.cut();
    write(&here, "alice", "pro").await;
    for _ in 0..20 {
        assert_eq!(plan(&there, "alice").await, "free");
    }
    proxy.mend();
    poll("what was missed is read", async || {
        plan(&there, "alice").await == "pro"
    })
    .await;
    for node in [second, first] {
        node.stop().await;
    }
}

#[tokio::test]
async fn a_change_of_traits_that_is_never_told_is_read_when_what_is_remembered_is_old() {
    let first = TestServer::start().await;
    let Some(second) = first.beside().await else {
        println!("skipped: SQLite has one node");
        return;
    };
    let workspace = first.workspace(false).await;
    let there = second
        .anonymous()
        .with_environment_key(&workspace.environment_key);
    poll("the environment is served", async || {
        there.get("/api/v1/flags/").await.status == 200
    })
    .await;
    // The second node hears by now.
    plan(&there, "bob").await;
    let body = json!({"identifier": "bob", "traits": [{"trait_key": "plan", "trait_value": "free"}]});
    workspace
        .sdk()
        .post("/api/v1/identities/", body)
        .await
        .expect(200);
    poll("the other node reads it", async || {
        plan(&there, "bob").await == "free"
    })
    .await;

    // As by a node that dies before it tells.
    let write = async |value: &str| {
        let (tx, now) = (first.store.begin().await.unwrap(), first.clock.now());
        let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
        let alice = identities::find_or_create(&tx, environment, "alice", now)
            .await
            .unwrap();
        let value = TraitValue::Text(value.into());
        identity_batches::put_traits(&tx, &[(alice.id, "plan", &value)], now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    write("free").await;
    assert_eq!(plan(&there, "alice").await, "free");
    write("pro").await;
    assert_eq!(plan(&there, "alice").await, "free", "it is remembered");
    first.clock.advance_seconds(i64::from(IDENTITY_AGE_SECONDS) + 1);
    assert_eq!(plan(&there, "alice").await, "pro");
    for node in [second, first] {
        node.stop().await;
    }
}
