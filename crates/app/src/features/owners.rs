//! Who answers for a feature.

use super::load;
use super::view::{self, FeatureView};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateFeature;
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::project::Project;
use liftgate_model::{FeatureId, ProjectPermission, UserId};
use liftgate_store::{Conn, features, users};

/// Adds owners to a feature.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Invalid` when one of the people is unknown or does not see the project.
pub async fn add_owners(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    people: Vec<UserId>,
) -> Result<FeatureView> {
    let work = app.begin(&on.actor).await?;
    if unknown(&work.tx, &people).await?.is_some() {
        return Err(Error::non_field("Some users not found"));
    }
    features::lock(&work.tx, id).await?;
    let mut feature = load(&work.tx, on.project.id, id).await?;
    if !strangers(app, &work.tx, &on.project, &people).await?.is_empty() {
        return Err(Error::list("Some users not found"));
    }
    feature.owners.extend(people);
    feature.owners.sort_unstable();
    feature.owners.dedup();
    features::update(&work.tx, &feature).await?;
    let shown = view::one(&work.tx, feature, None).await?;
    work.commit().await?;
    Ok(shown)
}

/// Removes owners from a feature.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Invalid` when one of the people is unknown, or none would be left
/// where the project wants one.
pub async fn remove_owners(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    people: Vec<UserId>,
) -> Result<FeatureView> {
    let work = app.begin(&on.actor).await?;
    if unknown(&work.tx, &people).await?.is_some() {
        return Err(Error::non_field("Some users not found"));
    }
    features::lock(&work.tx, id).await?;
    let mut feature = load(&work.tx, on.project.id, id).await?;
    feature.owners.retain(|owner| !people.contains(owner));
    if on.project.enforce_feature_owners && feature.owners.is_empty() {
        return Err(Error::list(
            "This project requires at least one owner or group owner per feature.",
        ));
    }
    features::update(&work.tx, &feature).await?;
    let shown = view::one(&work.tx, feature, None).await?;
    work.commit().await?;
    Ok(shown)
}

/// Refuses owners that are unknown or do not see the project.
pub(super) async fn check(app: &App, conn: &impl Conn, project: &Project, people: &[UserId]) -> Result<()> {
    if let Some(id) = unknown(conn, people).await? {
        return Err(Error::unknown_pk("owners", id.0));
    }
    let strangers = strangers(app, conn, project, people).await?;
    if strangers.is_empty() {
        return Ok(());
    }
    let ids: Vec<i32> = strangers.iter().map(|id| id.0).collect();
    Err(Error::field(
        "owners",
        format!("Users with ids {ids:?} do not have access to this project."),
    ))
}

/// The first of the people there is not.
async fn unknown(conn: &impl Conn, people: &[UserId]) -> Result<Option<UserId>> {
    let known = users::list_by_ids(conn, people).await?;
    let unknown = people.iter().find(|id| !known.iter().any(|user| user.id == **id));
    Ok(unknown.copied())
}

/// Those of the people who do not see the project.
async fn strangers(app: &App, conn: &impl Conn, project: &Project, people: &[UserId]) -> Result<Vec<UserId>> {
    let mut strangers = Vec::new();
    for user in users::list_by_ids(conn, people).await? {
        let id = user.id;
        let grants = app.access().project_grants(&Actor::User(user), project).await?;
        if !grants.has(ProjectPermission::ViewProject) {
            strangers.push(id);
        }
    }
    Ok(strangers)
}
