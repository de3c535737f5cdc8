//! Organisations, their members and their keys (contract, admin API, sections 2.1 to 2.5).

mod crud;
mod master_keys;
mod members;

use liftgate_testkit::Workspace;

fn path(workspace: &Workspace, below: &str) -> String {
    format!("/api/v1/organisations/{}/{below}", workspace.organisation)
}
