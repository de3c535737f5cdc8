//! Making, changing, listing and deleting organisations.

use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::Admin;
use crate::error::Result;
use crate::projects as use_cases;
use crate::work::Work;
use liftgate_model::account::{Actor, Organisation, User};
use liftgate_model::{OrganisationId, OrganisationRole, Page, Slice};
use liftgate_store::{organisations, projects};

/// An organisation as its representation shows it.
#[derive(Debug, Clone)]
pub struct OrganisationView {
    /// The organisation.
    pub organisation: Organisation,
    /// How many members it has.
    pub members: u64,
    /// The caller's role; `None` in the answer to its creation.
    pub role: Option<OrganisationRole>,
}

/// An organisation as it is asked for.
#[derive(Debug, Clone)]
pub struct NewOrganisation {
    /// Name.
    pub name: String,
    /// Where failed webhooks are reported.
    pub webhook_notification_email: Option<String>,
    /// Whether only admins may create projects.
    pub restrict_project_create_to_admin: bool,
    /// Whether members must use a second factor.
    pub force_2fa: bool,
}

/// What to change. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OrganisationChange {
    /// Name.
    pub name: Option<String>,
    /// Where failed webhooks are reported; the inner `None` empties it.
    pub webhook_notification_email: Option<Option<String>>,
    /// Whether only admins may create projects.
    pub restrict_project_create_to_admin: Option<bool>,
    /// Whether members must use a second factor.
    pub force_2fa: Option<bool>,
}

/// Makes an organisation and the caller its admin.
pub async fn create(app: &App, user: &User, new: NewOrganisation) -> Result<OrganisationView> {
    let now = app.clock.now();
    let tx = app.store.begin().await?;
    let made = organisations::create(&tx, app.random.uuid(), &new.name, now).await?;
    let organisation = Organisation {
        webhook_notification_email: new.webhook_notification_email,
        restrict_project_create_to_admin: new.restrict_project_create_to_admin,
        force_2fa: new.force_2fa,
        ..made
    };
    organisations::update(&tx, &organisation).await?;
    organisations::add_member(&tx, organisation.id, user.id, OrganisationRole::Admin, now).await?;
    tx.commit().await?;
    Ok(OrganisationView {
        organisation,
        members: 1,
        role: None,
    })
}

/// The organisations the caller belongs to, by id. The number of statements does not depend on how many they are.
pub async fn list(app: &App, actor: &Actor, slice: Slice) -> Result<Page<OrganisationView>> {
    let reader = app.store.reader();
    let (page, roles) = match actor {
        Actor::User(user) => {
            let page = organisations::list_for_user(&reader, user.id, slice).await?;
            (page, organisations::list_roles(&reader, user.id).await?)
        }
        Actor::MasterKey(key) => {
            let own = organisations::find(&reader, key.organisation).await?;
            let role = app.access().role(actor, key.organisation).await?;
            let page = Page {
                total: u64::from(own.is_some()),
                items: own.into_iter().filter(|_| slice.offset == 0).collect(),
            };
            (
                page,
                role.map(|role| (key.organisation, role)).into_iter().collect(),
            )
        }
    };
    let ids: Vec<_> = page.items.iter().map(|organisation| organisation.id).collect();
    let members = organisations::count_members_of(&reader, &ids).await?;
    Ok(page.map(|organisation| OrganisationView {
        members: members.get(&organisation.id).copied().unwrap_or_default(),
        role: roles.get(&organisation.id).copied(),
        organisation,
    }))
}

/// One organisation as its representation shows it.
pub async fn view<N>(app: &App, on: &OnOrganisation<N>) -> Result<OrganisationView> {
    shown(app, &on.actor, on.organisation.clone()).await
}

async fn shown(app: &App, actor: &Actor, organisation: Organisation) -> Result<OrganisationView> {
    Ok(OrganisationView {
        members: organisations::count_members(&app.store.reader(), organisation.id).await?,
        role: app.access().role(actor, organisation.id).await?,
        organisation,
    })
}

/// Changes an organisation. The answers of its environments name it, so they change along with the name.
pub async fn update(
    app: &App,
    on: &OnOrganisation<Admin>,
    change: OrganisationChange,
) -> Result<OrganisationView> {
    let mut work = app.begin(&on.actor).await?;
    let before = organisations::find(&work.tx, on.organisation.id).await?;
    let mut after = before.ok_or_else(crate::Error::forbidden)?;
    let renamed = change.name.as_ref().is_some_and(|name| *name != after.name);
    after.name = change.name.unwrap_or(after.name);
    after.webhook_notification_email = change
        .webhook_notification_email
        .unwrap_or(after.webhook_notification_email);
    after.restrict_project_create_to_admin = change
        .restrict_project_create_to_admin
        .unwrap_or(after.restrict_project_create_to_admin);
    after.force_2fa = change.force_2fa.unwrap_or(after.force_2fa);
    organisations::update(&work.tx, &after).await?;
    if renamed {
        for project in projects::list(&work.tx, &[after.id]).await? {
            work.changes_project(project.id).await?;
        }
    }
    work.commit().await?;
    shown(app, &on.actor, after).await
}

/// Deletes an organisation with its projects.
pub async fn delete(app: &App, on: &OnOrganisation<Admin>) -> Result<()> {
    let mut work = app.begin(&on.actor).await?;
    remove(&mut work, on.organisation.id).await?;
    work.commit().await
}

/// Soft-deletes an organisation and its projects inside a unit of work.
pub(crate) async fn remove(work: &mut Work<'_>, id: OrganisationId) -> Result<()> {
    for project in projects::list(&work.tx, &[id]).await? {
        use_cases::remove(work, project.id).await?;
    }
    organisations::delete(&work.tx, id, work.now).await?;
    Ok(())
}
