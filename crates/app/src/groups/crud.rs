//! Makes, reads, changes and deletes groups.

use super::{GroupView, load, shown, visible};
use crate::App;
use crate::access::OnOrganisation;
use crate::access::need::{ManageUserGroups, Member};
use crate::error::Result;
use liftgate_model::account::Group;
use liftgate_model::{GroupId, Page, Slice};
use liftgate_store::groups;

/// What to change about a group, or what a new one is like. What is `None` stays, or has its default.
#[derive(Debug, Clone, Default)]
pub struct GroupChange {
    /// Name.
    pub name: Option<String>,
    /// Whether new members come into it.
    pub is_default: Option<bool>,
    /// What it is called elsewhere.
    pub external_id: Option<Option<String>>,
}

impl GroupChange {
    fn over(self, group: Group) -> Group {
        Group {
            name: self.name.unwrap_or(group.name),
            is_default: self.is_default.unwrap_or(group.is_default),
            external_id: self.external_id.unwrap_or(group.external_id),
            ..group
        }
    }
}

/// The groups the caller may manage, by id.
pub async fn list(app: &App, on: &OnOrganisation<Member>, slice: Slice) -> Result<Page<GroupView>> {
    let reader = app.store.reader();
    let page = part(visible(&reader, on).await?, slice);
    let ids: Vec<GroupId> = page.items.iter().map(|group| group.id).collect();
    let mut members = groups::list_members(&reader, &ids).await?;
    Ok(page.map(|group| GroupView {
        members: members.remove(&group.id).unwrap_or_default(),
        group,
    }))
}

/// Every group of the organisation, by id.
pub async fn summaries(app: &App, on: &OnOrganisation<Member>) -> Result<Vec<Group>> {
    Ok(groups::list(&app.store.reader(), on.organisation.id).await?)
}

/// The groups the caller is in, by id.
pub async fn list_mine(app: &App, on: &OnOrganisation<Member>, slice: Slice) -> Result<Page<Group>> {
    let mine = match on.actor.user_id() {
        Some(user) => groups::list_for_user(&app.store.reader(), on.organisation.id, user).await?,
        None => Vec::new(),
    };
    Ok(part(mine.into_iter().map(|(group, _)| group).collect(), slice))
}

/// One group.
///
/// # Errors
/// `NotFound` for one the caller may not manage.
pub async fn find(app: &App, on: &OnOrganisation<Member>, id: GroupId) -> Result<GroupView> {
    let reader = app.store.reader();
    let group = load(&reader, on, id).await?;
    shown(&reader, group).await
}

/// Makes a group; nobody is in it.
pub async fn create(app: &App, on: &OnOrganisation<ManageUserGroups>, new: GroupChange) -> Result<GroupView> {
    let tx = app.store.begin().await?;
    let group = new.over(Group {
        id: GroupId(0),
        organisation: on.organisation.id,
        name: String::new(),
        is_default: false,
        external_id: None,
    });
    let group = groups::create(&tx, &group).await?;
    tx.commit().await?;
    Ok(GroupView {
        group,
        members: Vec::new(),
    })
}

/// Changes a group; who is in it stays.
///
/// # Errors
/// `NotFound` for one the caller may not manage.
pub async fn update(
    app: &App,
    on: &OnOrganisation<Member>,
    id: GroupId,
    change: GroupChange,
) -> Result<GroupView> {
    let tx = app.store.begin().await?;
    let group = change.over(load(&tx, on, id).await?);
    groups::update(&tx, &group).await?;
    let view = shown(&tx, group).await?;
    tx.commit().await?;
    Ok(view)
}

/// Deletes a group with what it was granted.
///
/// # Errors
/// `NotFound` for one the caller may not manage.
pub async fn delete(app: &App, on: &OnOrganisation<Member>, id: GroupId) -> Result<()> {
    let tx = app.store.begin().await?;
    let group = load(&tx, on, id).await?;
    groups::delete(&tx, group.id).await?;
    Ok(tx.commit().await?)
}

/// One part of a list. Organisations have few groups.
fn part<T>(all: Vec<T>, slice: Slice) -> Page<T> {
    let total = all.len() as u64;
    let at = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Page {
        total,
        items: all
            .into_iter()
            .skip(at(slice.offset))
            .take(at(slice.limit))
            .collect(),
    }
}
