//! The audit log: who changed what (contract, admin API, section 8.1).

use crate::App;
use crate::access::need::{Admin, ViewAuditLog};
use crate::access::{OnOrganisation, OnProject};
use crate::error::{Error, Result};
use liftgate_model::account::User;
use liftgate_model::audit::AuditRecord;
use liftgate_model::environment::Environment;
use liftgate_model::project::Project;
use liftgate_model::{AuditId, EnvironmentId, Page, ProjectId, Slice, UserId};
use liftgate_store::audit::{self, AuditFilter};
use liftgate_store::{Conn, environments, projects, users};
use std::collections::HashMap;

/// A record with what it names.
#[derive(Debug, Clone)]
pub struct AuditView {
    /// The record.
    pub record: AuditRecord,
    /// Who did it, if it was a person who still has an account.
    pub author: Option<User>,
    /// Where, if that environment is still there.
    pub environment: Option<Environment>,
    /// In which project.
    pub project: Project,
}

/// Which records are asked for. Everything that is empty or `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Only this project.
    pub project: Option<ProjectId>,
    /// Only these environments.
    pub environments: Vec<EnvironmentId>,
    /// A part of the text, in any case.
    pub search: Option<String>,
    /// Only what the server did by itself, or only what others did.
    pub is_system_event: Option<bool>,
}

/// The records of a project, newest first.
pub async fn of_project(
    app: &App,
    on: &OnProject<ViewAuditLog>,
    query: AuditQuery,
    slice: Slice,
) -> Result<Page<AuditView>> {
    list(app, vec![on.project.clone()], query, slice).await
}

/// The records of an organisation's projects, newest first.
pub async fn of_organisation(
    app: &App,
    on: &OnOrganisation<Admin>,
    query: AuditQuery,
    slice: Slice,
) -> Result<Page<AuditView>> {
    let all = projects::list(&app.store.reader(), &[on.organisation.id]).await?;
    list(app, all, query, slice).await
}

/// One record of a project.
pub async fn find(app: &App, on: &OnProject<ViewAuditLog>, id: AuditId) -> Result<AuditView> {
    let reader = app.store.reader();
    let found = audit::find(&reader, on.project.id, id).await?;
    let record = found.ok_or_else(|| Error::missing("AuditLog"))?;
    let mut shown = complete(&reader, vec![record], std::slice::from_ref(&on.project)).await?;
    shown.pop().ok_or_else(|| Error::missing("AuditLog"))
}

async fn list(app: &App, of: Vec<Project>, query: AuditQuery, slice: Slice) -> Result<Page<AuditView>> {
    let reader = app.store.reader();
    let wanted = of.iter().map(|project| project.id);
    let filter = AuditFilter {
        projects: wanted
            .filter(|id| query.project.is_none_or(|only| only == *id))
            .collect(),
        environments: query.environments,
        log_contains: query.search,
        is_system_event: query.is_system_event,
    };
    let page = audit::list(&reader, &filter, slice).await?;
    Ok(Page {
        total: page.total,
        items: complete(&reader, page.items, &of).await?,
    })
}

/// Gives records what they name: two statements, whatever their number.
async fn complete(conn: &impl Conn, records: Vec<AuditRecord>, of: &[Project]) -> Result<Vec<AuditView>> {
    let authors: Vec<UserId> = records.iter().filter_map(|record| record.author).collect();
    let places: Vec<EnvironmentId> = records.iter().filter_map(|record| record.environment).collect();
    let authors: HashMap<UserId, User> = users::list_by_ids(conn, &authors)
        .await?
        .into_iter()
        .map(|user| (user.id, user))
        .collect();
    let places: HashMap<EnvironmentId, Environment> = environments::list_by_ids(conn, &places)
        .await?
        .into_iter()
        .map(|environment| (environment.id, environment))
        .collect();
    let shown = records.into_iter().filter_map(|record| {
        let project = of.iter().find(|project| project.id == record.project)?.clone();
        Some(AuditView {
            author: record.author.and_then(|id| authors.get(&id).cloned()),
            environment: record.environment.and_then(|id| places.get(&id).cloned()),
            project,
            record,
        })
    });
    Ok(shown.collect())
}
