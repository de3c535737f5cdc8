//! The members of an organisation.

use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::{self, Admin};
use crate::error::{Error, Invalid, Result};
use liftgate_model::account::Member;
use liftgate_model::{OrganisationId, OrganisationRole, UserId};
use liftgate_store::grants::{self, Level};
use liftgate_store::{Conn, Tx, environments, groups, organisations, projects, users};
use serde_json::{Value, json};

/// The members, by user id; without the caller if that is asked for.
pub async fn list_members(
    app: &App,
    on: &OnOrganisation<need::Member>,
    without_caller: bool,
) -> Result<Vec<Member>> {
    let mut members = organisations::list_members(&app.store.reader(), on.organisation.id).await?;
    if without_caller {
        members.retain(|member| Some(member.user.id) != on.actor.user_id());
    }
    Ok(members)
}

/// Changes the role of a member. Whoever is an admin no more has to sign in again.
///
/// # Errors
/// 404 for who is not a member.
pub async fn change_role(
    app: &App,
    on: &OnOrganisation<Admin>,
    user: UserId,
    role: Option<OrganisationRole>,
) -> Result<Member> {
    let organisation = on.organisation.id;
    let tx = app.store.begin().await?;
    let members = organisations::list_members(&tx, organisation).await?;
    let found = members.into_iter().find(|member| member.user.id == user);
    let member = found.ok_or_else(|| Error::missing("FFAdminUser"))?;
    let role = role.unwrap_or(member.role);
    organisations::update_role(&tx, organisation, user, role).await?;
    if member.role == OrganisationRole::Admin && role == OrganisationRole::User {
        users::delete_tokens(&tx, user).await?;
    }
    tx.commit().await?;
    Ok(Member { role, ..member })
}

/// Ends memberships, with the groups and whatever was granted in the organisation; whoever goes has to sign in again.
///
/// # Errors
/// `Invalid` as a list as long as the given one, naming who is not known.
pub async fn remove_members(app: &App, on: &OnOrganisation<Admin>, given: &[UserId]) -> Result<()> {
    let tx = app.store.begin().await?;
    let members = organisations::list_members(&tx, on.organisation.id).await?;
    // Who has an account but belongs to somebody else is as unknown as who has none.
    let known: Vec<UserId> = members.iter().map(|member| member.user.id).collect();
    if given.iter().any(|id| !known.contains(id)) {
        let faults = given.iter().map(|id| {
            if known.contains(id) {
                json!({})
            } else {
                json!({"id": [format!("User with id {id} does not exist")]})
            }
        });
        return Err(Error::Invalid(Invalid::Body(faults.collect::<Value>())));
    }
    for user in given {
        remove(&tx, on.organisation.id, *user).await?;
    }
    Ok(tx.commit().await?)
}

async fn remove(tx: &Tx, organisation: OrganisationId, user: UserId) -> Result<()> {
    organisations::remove_member(tx, organisation, user).await?;
    groups::remove_user(tx, organisation, user).await?;
    let projects: Vec<i32> = projects::list(tx, &[organisation])
        .await?
        .iter()
        .map(|project| project.id.0)
        .collect();
    let environments = environments_of(tx, &projects).await?;
    grants::delete_for_user(tx, Level::Organisation, &[organisation.0], user).await?;
    grants::delete_for_user(tx, Level::Project, &projects, user).await?;
    grants::delete_for_user(tx, Level::Environment, &environments, user).await?;
    users::delete_tokens(tx, user).await?;
    Ok(())
}

async fn environments_of(conn: &impl Conn, projects: &[i32]) -> Result<Vec<i32>> {
    let mut ids = Vec::new();
    for project in projects {
        let listed = environments::list(conn, (*project).into()).await?;
        ids.extend(listed.iter().map(|environment| environment.id.0));
    }
    Ok(ids)
}
