//! Who answers for a feature.

use super::load;
use super::view::{self, FeatureView};
use crate::App;
use crate::access::OnProject;
use crate::access::need::CreateFeature;
use crate::error::{Error, Result};
use crate::groups;
use liftgate_model::account::Actor;
use liftgate_model::feature::Feature;
use liftgate_model::project::Project;
use liftgate_model::{FeatureId, GroupId, ProjectPermission, UserId};
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
    refuse_ownerless(&on.project, &feature)?;
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

/// Adds groups to the owners of a feature.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Invalid` when one of the groups is none of the organisation.
pub async fn add_group_owners(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    added: Vec<GroupId>,
) -> Result<FeatureView> {
    change_groups(app, on, id, added, |owners, added| {
        owners.extend(added);
        owners.sort_unstable();
        owners.dedup();
    })
    .await
}

/// Removes groups from the owners of a feature.
///
/// # Errors
/// As [`add_group_owners`]; `Invalid` when no owner would be left where the project wants one.
pub async fn remove_group_owners(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    removed: Vec<GroupId>,
) -> Result<FeatureView> {
    change_groups(app, on, id, removed, |owners, removed| {
        owners.retain(|owner| !removed.contains(owner));
    })
    .await
}

async fn change_groups(
    app: &App,
    on: &OnProject<CreateFeature>,
    id: FeatureId,
    named: Vec<GroupId>,
    change: impl FnOnce(&mut Vec<GroupId>, Vec<GroupId>),
) -> Result<FeatureView> {
    let work = app.begin(&on.actor).await?;
    let named = groups::of_organisation(&work.tx, on.project.organisation, named).await?;
    let named = named.map_err(|_| Error::list("Some groups not found"))?;
    features::lock(&work.tx, id).await?;
    let mut feature = load(&work.tx, on.project.id, id).await?;
    change(&mut feature.group_owners, named);
    refuse_ownerless(&on.project, &feature)?;
    features::update(&work.tx, &feature).await?;
    let shown = view::one(&work.tx, feature, None).await?;
    work.commit().await?;
    Ok(shown)
}

/// Refuses a feature without owners where the project wants one.
fn refuse_ownerless(project: &Project, feature: &Feature) -> Result<()> {
    if project.enforce_feature_owners && feature.owners.is_empty() && feature.group_owners.is_empty() {
        return Err(Error::list(
            "This project requires at least one owner or group owner per feature.",
        ));
    }
    Ok(())
}

/// Refuses groups that are none of the project's organisation.
pub(super) async fn check_groups(conn: &impl Conn, project: &Project, named: &[GroupId]) -> Result<()> {
    match groups::of_organisation(conn, project.organisation, named.to_vec()).await? {
        Ok(_) => Ok(()),
        Err(unknown) => Err(Error::unknown_pk("group_owners", unknown.0)),
    }
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
