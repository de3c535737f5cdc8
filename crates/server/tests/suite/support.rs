//! What several resources are tested with.

use liftgate_model::{Clock as _, OrganisationId, OrganisationRole, Page, ProjectId, Slice};
use liftgate_store::audit::AuditFilter;
use liftgate_store::grants::Level;
use liftgate_store::{audit, grants, organisations, users};
use liftgate_testkit::{Answer, Client, TestServer, Workspace};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The answer to everything that is not allowed.
pub const FORBIDDEN: &str = "You do not have permission to perform this action.";

/// How long a node may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Asks until it is so.
///
/// # Panics
/// With `what`, when it is not so in a generous time.
pub async fn poll(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Whether the node says that it can do all of its work.
pub async fn is_ready(server: &TestServer) -> bool {
    readiness(server).await.status == 200
}

/// What the node says of itself, by part.
pub async fn readiness(server: &TestServer) -> Answer {
    server.anonymous().get("/health/readiness/?format=json").await
}

/// Signs a member of the workspace's organisation in who has these permissions on its project and its environment, and
/// nothing else.
pub async fn member(
    server: &TestServer,
    workspace: &Workspace,
    email: &str,
    project: &[&str],
    environment: &[&str],
) -> Client {
    let client = server.sign_up(email).await;
    let tx = server.store.begin().await.unwrap();
    let (user, _) = users::find_by_email(&tx, email).await.unwrap().unwrap();
    let id = |id: i64| i32::try_from(id).unwrap();
    let organisation = OrganisationId(id(workspace.organisation));
    organisations::add_member(
        &tx,
        organisation,
        user.id,
        OrganisationRole::User,
        server.clock.now(),
    )
    .await
    .unwrap();
    for (level, resource, keys) in [
        (Level::Project, workspace.project, project),
        (Level::Environment, workspace.environment, environment),
    ] {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        if !keys.is_empty() {
            grants::create(&tx, level, id(resource), user.id, false, &keys)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
    client
}

/// The texts of the audit records of the workspace's project, oldest first.
pub async fn audit_log(server: &TestServer, workspace: &Workspace) -> Vec<String> {
    let filter = AuditFilter {
        projects: vec![ProjectId(i32::try_from(workspace.project).unwrap())],
        ..AuditFilter::default()
    };
    let slice = Slice {
        offset: 0,
        limit: 1000,
    };
    let records: Page<_> = audit::list(&server.store.reader(), &filter, slice).await.unwrap();
    records.items.into_iter().rev().map(|record| record.log).collect()
}

/// The names of the members of an object, in the order they were sent in.
pub fn keys(body: &Value) -> Vec<&str> {
    body.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The id in a body.
pub fn id(body: &Value) -> i64 {
    body["id"].as_i64().unwrap()
}
