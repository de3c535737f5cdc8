//! Warehouse connections through HTTP (contract, admin API, section 7.13).

use crate::support::{FORBIDDEN, audit_log, id, keys, member};
use liftgate_model::{Clock as _, EnvironmentId};
use liftgate_testkit::{TestServer, Workspace};
use serde_json::{Value, json};

const UNREACHABLE: &str = "Could not connect to the host.";

fn clickhouse(config: &Value) -> Value {
    json!({"warehouse_type": "clickhouse", "config": config, "credentials": {"password": "s3cret"}})
}

async fn create(server: &TestServer, workspace: &Workspace, body: Value) -> Value {
    server.clock.advance_seconds(61);
    workspace
        .client
        .post(workspace.path("warehouse-connections/"), body)
        .await
        .expect(201)
}

fn one(workspace: &Workspace, connection: &Value, below: &str) -> String {
    workspace.path(&format!("warehouse-connections/{}/{below}", id(connection)))
}

async fn send_events(server: &TestServer, workspace: &Workspace, names: &[&str]) {
    let now = server.clock.now().as_millis();
    let events: Vec<Value> = (names.iter().zip(0..))
        .map(|(name, place)| {
            json!({"event": name, "feature_name": null, "identifier": "alice", "value": "1", "traits": null,
                "metadata": {}, "timestamp": now + place})
        })
        .collect();
    workspace
        .sdk()
        .post("/v1/events", json!({"events": events}))
        .await
        .expect(202);
}

/// The credentials of the workspace's connection as they are stored.
async fn stored_credentials(server: &TestServer, workspace: &Workspace) -> Option<String> {
    let environment = EnvironmentId(i32::try_from(workspace.environment).unwrap());
    let reader = server.store.reader();
    let found = liftgate_store::warehouses::find_of_environment(&reader, environment)
        .await
        .unwrap();
    found.unwrap().credentials
}

#[tokio::test]
async fn the_built_in_store_is_connected_once_it_has_an_event() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let list = workspace.path("warehouse-connections/");
    assert_eq!(workspace.client.get(&list).await.expect(200), json!([]));
    let connection = create(&server, &workspace, json!({"warehouse_type": "flagsmith"})).await;
    assert_eq!(
        keys(&connection),
        [
            "id",
            "warehouse_type",
            "status",
            "status_detail",
            "name",
            "config",
            "created_at",
            "total_events_received",
            "unique_events_count"
        ]
    );
    assert_eq!(
        (
            &connection["status"],
            &connection["name"],
            &connection["config"],
            &connection["total_events_received"]
        ),
        (
            &json!("created"),
            &json!("Flagsmith Warehouse - Production"),
            &json!(null),
            &json!(null)
        )
    );
    let conflict = workspace
        .client
        .post(&list, json!({"warehouse_type": "flagsmith"}))
        .await
        .expect(409);
    assert_eq!(
        conflict,
        json!({"detail": "This environment already has an active warehouse connection."})
    );
    let test = one(&workspace, &connection, "test-warehouse-connection/");
    let tested = workspace.client.post(&test, json!({})).await.expect(200);
    assert_eq!(
        (&tested["status"], &tested["total_events_received"]),
        (&json!("pending_connection"), &json!(0))
    );

    send_events(&server, &workspace, &["purchase", "page_view", "purchase"]).await;
    let shown = workspace
        .client
        .get(one(&workspace, &connection, ""))
        .await
        .expect(200);
    assert_eq!(shown["status"], "pending_connection", "looking changes nothing");
    assert_eq!(
        (&shown["total_events_received"], &shown["unique_events_count"]),
        (&json!(3), &json!(2))
    );
    let listed = workspace.client.get(&list).await.expect(200);
    assert_eq!(listed, json!([shown]));
    let without = workspace
        .client
        .get(format!("{list}?exclude_event_stats=True"))
        .await
        .expect(200);
    assert_eq!(without[0]["total_events_received"], json!(null));
    let events = workspace
        .client
        .get(one(&workspace, &connection, "events/"))
        .await
        .expect(200);
    assert_eq!(
        events,
        json!({"events": ["purchase", "page_view"], "is_truncated": false})
    );

    let tested = workspace.client.post(&test, json!({})).await.expect(200);
    assert_eq!(
        (&tested["status"], &tested["total_events_received"]),
        (&json!("connected"), &json!(3))
    );
    let renamed = workspace
        .client
        .patch(one(&workspace, &connection, ""), json!({"name": "Ours"}))
        .await
        .expect(200);
    assert_eq!(
        (
            &renamed["name"],
            &renamed["status"],
            &renamed["total_events_received"]
        ),
        (&json!("Ours"), &json!("connected"), &json!(null))
    );
    assert_eq!(
        workspace
            .client
            .delete(one(&workspace, &connection, ""))
            .await
            .status,
        204
    );
    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &connection, ""))
            .await
            .expect(404),
        json!({"detail": "No WarehouseConnection matches the given query."})
    );
    create(
        &server,
        &workspace,
        json!({"warehouse_type": "flagsmith", "name": "Again", "config": {}}),
    )
    .await;
    let log = audit_log(&server, &workspace).await;
    let of_warehouses: Vec<&String> = log.iter().filter(|text| text.starts_with("Warehouse ")).collect();
    let text = |what: &str| format!("Warehouse connection {what} for environment Production");
    assert_eq!(
        of_warehouses,
        [
            &text("created"),
            &text("updated"),
            &text("deleted"),
            &text("created")
        ]
    );
    server.stop().await;
}

#[tokio::test]
async fn clickhouse_is_kept_and_says_that_it_cannot_be_reached() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let connection = create(
        &server,
        &workspace,
        clickhouse(&json!({"host": "ch.example.com"})),
    )
    .await;
    assert_eq!(
        connection["config"],
        json!({"host": "ch.example.com", "port": 8443, "database": "flagsmith_exp", "username": "default", "secure": true})
    );
    assert_eq!(
        (&connection["status"], &connection["status_detail"]),
        (&json!("errored"), &json!(UNREACHABLE))
    );
    assert_eq!(connection["name"], "ClickHouse Warehouse - Production");
    assert!(!connection.to_string().contains("s3cret"), "{connection}");
    let first = stored_credentials(&server, &workspace).await.unwrap();
    assert!(first.starts_with("v1.") && !first.contains("s3cret"), "{first}");

    let path = one(&workspace, &connection, "");
    let merged = workspace
        .client
        .patch(&path, json!({"config": {"port": 9440}}))
        .await
        .expect(200);
    assert_eq!(
        (&merged["config"]["host"], &merged["config"]["port"]),
        (&json!("ch.example.com"), &json!(9440))
    );
    assert_eq!(
        stored_credentials(&server, &workspace).await.as_ref(),
        Some(&first)
    );
    let secret = json!({"credentials": {"password": "other"}});
    workspace.client.patch(&path, secret).await.expect(200);
    assert_ne!(
        stored_credentials(&server, &workspace).await.as_ref(),
        Some(&first)
    );

    let tested = workspace
        .client
        .post(
            one(&workspace, &connection, "test-warehouse-connection/"),
            json!({}),
        )
        .await;
    assert_eq!(tested.expect(200)["status_detail"], UNREACHABLE);
    let events = workspace
        .client
        .get(one(&workspace, &connection, "events/"))
        .await;
    assert!(events.header("retry-after").is_some());
    assert_eq!(
        events.expect(503),
        json!({"detail": "The warehouse is currently unreachable."})
    );
    assert_eq!(
        workspace.client.get(&path).await.expect(200)["total_events_received"],
        json!(null)
    );

    // Another type starts from its defaults, created, without credentials.
    let snowflake = json!({"warehouse_type": "snowflake", "config": {"account_identifier": "acc"}});
    let changed = workspace.client.put(&path, snowflake).await.expect(200);
    assert_eq!(
        (&changed["status"], &changed["status_detail"]),
        (&json!("created"), &json!(null))
    );
    assert_eq!(
        changed["config"],
        json!({"account_identifier": "acc", "warehouse": "COMPUTE_WH", "database": "FLAGSMITH", "schema": "ANALYTICS",
            "role": "FLAGSMITH_LOADER", "user": "FLAGSMITH_SERVICE"})
    );
    assert_eq!(stored_credentials(&server, &workspace).await, None);
    let unsupported = json!({"detail": "Connection testing is not supported for this warehouse type."});
    let tested = workspace
        .client
        .post(
            one(&workspace, &connection, "test-warehouse-connection/"),
            json!({}),
        )
        .await;
    assert_eq!(tested.expect(400), unsupported);
    assert_eq!(
        workspace
            .client
            .get(one(&workspace, &connection, "events/"))
            .await
            .expect(400),
        json!({"detail": "Event listing is not supported for this warehouse type."})
    );
    let back = json!({"warehouse_type": "clickhouse", "config": {"host": "ch.example.com"}});
    assert_eq!(
        workspace.client.put(&path, back).await.expect(400),
        json!({"credentials": {"password": "This field is required."}})
    );
    server.stop().await;
}

#[tokio::test]
async fn refusals_have_the_forms_of_the_contract() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let list = workspace.path("warehouse-connections/");
    let refused = async |body: Value| {
        server.clock.advance_seconds(61);
        workspace.client.post(&list, body).await.expect(400)
    };
    let config = async |given: Value| refused(clickhouse(&given)).await["config"].clone();
    assert_eq!(
        refused(json!({})).await,
        json!({"warehouse_type": ["This field is required."]})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "bogus"})).await,
        json!({"warehouse_type": ["\"bogus\" is not a valid choice."]})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "flagsmith", "config": {"host": "x"}})).await,
        json!({"config": ["Flagsmith warehouse does not accept configuration."]})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "snowflake", "credentials": {"password": "x"}})).await,
        json!({"credentials": ["Only ClickHouse connections accept credentials."]})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "snowflake"})).await,
        json!({"config": {"account_identifier": "This field is required."}})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "snowflake", "config": {"account_identifier": 1}})).await,
        json!({"config": {"account_identifier": "Must be a string."}})
    );
    assert_eq!(
        refused(json!({"warehouse_type": "clickhouse", "config": {"foo": 1}})).await,
        json!({"credentials": {"password": "This field is required."}}),
        "credentials come first"
    );
    assert_eq!(
        config(json!({})).await,
        json!({"host": "This field is required."})
    );
    assert_eq!(config(json!([1])).await, json!(["Must be an object."]));
    assert_eq!(config(json!({"foo": 1})).await, json!({"foo": "Unknown field."}));
    assert_eq!(
        config(json!({"host": "ch.example.com", "port": 0})).await,
        json!({"port": "Enter a valid port number (1-65535)."})
    );
    assert_eq!(
        config(json!({"host": "ch.example.com", "database": ""})).await,
        json!({"database": "Must be a non-empty string."})
    );
    assert_eq!(
        config(json!({"host": "ch.example.com", "secure": "yes"})).await,
        json!({"secure": "Must be a boolean."})
    );
    for host in [
        "localhost",
        "127.0.0.1",
        "10.0.0.1",
        "[::1]",
        "169.254.169.254",
        "clickhouse",
    ] {
        assert_eq!(
            config(json!({"host": host})).await,
            json!({"host": "Host must not target internal or private network addresses."}),
            "{host}"
        );
    }
    assert_eq!(
        workspace.client.get(&list).await.expect(200),
        json!([]),
        "nothing is half done"
    );

    let test = workspace.path("warehouse-connections/test-warehouse-connection/");
    server.clock.advance_seconds(61);
    let tried = workspace
        .client
        .post(&test, clickhouse(&json!({"host": "ch.example.com"})))
        .await
        .expect(200);
    assert_eq!(tried, json!({"status": "errored", "status_detail": UNREACHABLE}));
    let tried = workspace
        .client
        .post(&test, clickhouse(&json!({"host": "localhost"})))
        .await;
    assert_eq!(tried.status, 400);
    let tried = workspace
        .client
        .post(&test, json!({"warehouse_type": "flagsmith"}))
        .await
        .expect(400);
    assert_eq!(
        tried,
        json!({"detail": "Connection testing is not supported for this warehouse type."})
    );
    assert_eq!(
        workspace.client.get(&list).await.expect(200),
        json!([]),
        "a try saves nothing"
    );
    server.stop().await;
}

#[tokio::test]
async fn operators_may_allow_internal_hosts() {
    let server = TestServer::start_with(|serve| serve.allow_internal_warehouses = true).await;
    let workspace = server.workspace(false).await;
    let connection = create(&server, &workspace, clickhouse(&json!({"host": "clickhouse"}))).await;
    assert_eq!(connection["config"]["host"], "clickhouse");
    server.stop().await;
}

#[tokio::test]
async fn only_administrators_may_call_and_not_too_often() {
    let server = TestServer::start().await;
    let workspace = server.workspace(false).await;
    let list = workspace.path("warehouse-connections/");
    let forbidden = json!({"detail": FORBIDDEN});
    assert_eq!(server.anonymous().get(&list).await.status, 401);
    let viewer = member(
        &server,
        &workspace,
        "viewer@example.com",
        &["VIEW_PROJECT"],
        &["VIEW_ENVIRONMENT"],
    )
    .await;
    assert_eq!(viewer.get(&list).await.expect(403), forbidden);
    assert_eq!(viewer.post(&list, json!({})).await.expect(403), forbidden);
    let unknown = workspace
        .client
        .get("/api/v1/environments/unknown/warehouse-connections/")
        .await;
    assert_eq!(unknown.expect(403), forbidden);

    for _ in 0..10 {
        assert_eq!(
            workspace.client.post(&list, json!({})).await.status,
            400,
            "what is refused counts too"
        );
    }
    let refused = workspace
        .client
        .post(&list, json!({"warehouse_type": "flagsmith"}))
        .await;
    assert!(refused.header("retry-after").is_some());
    assert!(
        refused.expect(429)["detail"]
            .as_str()
            .unwrap()
            .starts_with("Request was throttled. Expected available in")
    );
    let path = workspace.path("warehouse-connections/999/");
    assert_eq!(workspace.client.patch(&path, json!({})).await.status, 429);
    assert_eq!(
        workspace.client.delete(&path).await.status,
        404,
        "deleting is not throttled"
    );
    assert_eq!(
        workspace.client.get(&list).await.status,
        200,
        "reading has a rate of its own"
    );
    for _ in 0..59 {
        workspace.client.get(&list).await.expect(200);
    }
    assert_eq!(workspace.client.get(&list).await.status, 429);
    server.clock.advance_seconds(61);
    workspace.client.get(&list).await.expect(200);
    server.stop().await;
}
