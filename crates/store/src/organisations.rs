//! Organisations and who belongs to them.

use crate::entity::{organisation_members, organisations, users};
use crate::values::{named, one_of, page};
use crate::{Conn, Result};
use liftgate_model::account::{Member, Organisation};
use liftgate_model::{OrganisationId, OrganisationRole, Page, Slice, Timestamp, UserId};
use sea_orm::sea_query::Query;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;
use uuid::Uuid;

impl From<organisations::Model> for Organisation {
    fn from(row: organisations::Model) -> Self {
        Self {
            id: OrganisationId(row.id),
            uuid: row.uuid,
            name: row.name,
            created_at: Timestamp(row.created_at),
            webhook_notification_email: row.webhook_notification_email,
            persist_trait_data: row.persist_trait_data,
            stop_serving_flags: row.stop_serving_flags,
            restrict_project_create_to_admin: row.restrict_project_create_to_admin,
            force_2fa: row.force_2fa,
        }
    }
}

/// Stores an organisation with the defaults of the contract.
pub async fn create(c: &impl Conn, uuid: Uuid, name: &str, now: Timestamp) -> Result<Organisation> {
    let row = organisations::ActiveModel {
        uuid: Set(uuid),
        name: Set(name.to_owned()),
        created_at: Set(now.0),
        persist_trait_data: Set(true),
        stop_serving_flags: Set(false),
        restrict_project_create_to_admin: Set(false),
        force_2fa: Set(false),
        ..Default::default()
    };
    Ok(organisations::Entity::insert(row)
        .exec_with_returning(c.raw())
        .await?
        .into())
}

/// The organisation with that id.
pub async fn find(c: &impl Conn, id: OrganisationId) -> Result<Option<Organisation>> {
    let select = organisations::Entity::find_by_id(id.0).filter(organisations::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The organisation with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Organisation>> {
    let select = organisations::Entity::find()
        .filter(organisations::Column::Uuid.eq(uuid))
        .filter(organisations::Column::DeletedAt.is_null());
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// An organisation of that name, the oldest first; for tools that must not make it twice.
pub async fn find_by_name(c: &impl Conn, name: &str) -> Result<Option<Organisation>> {
    let select = organisations::Entity::find()
        .filter(organisations::Column::Name.eq(name))
        .filter(organisations::Column::DeletedAt.is_null())
        .order_by_asc(organisations::Column::Id);
    Ok(select.one(c.raw()).await?.map(Into::into))
}

/// The organisations a user belongs to, by id.
pub async fn list_for_user(c: &impl Conn, user: UserId, slice: Slice) -> Result<Page<Organisation>> {
    let member = Query::select()
        .column(organisation_members::Column::OrganisationId)
        .from(organisation_members::Entity)
        .and_where(organisation_members::Column::UserId.eq(user.0))
        .to_owned();
    let select = organisations::Entity::find()
        .filter(organisations::Column::Id.in_subquery(member))
        .filter(organisations::Column::DeletedAt.is_null())
        .order_by_asc(organisations::Column::Id);
    Ok(page(c.raw(), select, slice).await?.map(Into::into))
}

/// Stores what may change about an organisation.
pub async fn update(c: &impl Conn, organisation: &Organisation) -> Result<()> {
    let row = organisations::ActiveModel {
        id: Set(organisation.id.0),
        name: Set(organisation.name.clone()),
        webhook_notification_email: Set(organisation.webhook_notification_email.clone()),
        persist_trait_data: Set(organisation.persist_trait_data),
        stop_serving_flags: Set(organisation.stop_serving_flags),
        restrict_project_create_to_admin: Set(organisation.restrict_project_create_to_admin),
        force_2fa: Set(organisation.force_2fa),
        ..Default::default()
    };
    organisations::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Soft-deletes an organisation.
pub async fn delete(c: &impl Conn, id: OrganisationId, now: Timestamp) -> Result<()> {
    let row = organisations::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    organisations::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Makes a user a member.
///
/// # Errors
/// `Conflict` when they are one already.
pub async fn add_member(
    c: &impl Conn,
    organisation: OrganisationId,
    user: UserId,
    role: OrganisationRole,
    now: Timestamp,
) -> Result<()> {
    let row = organisation_members::ActiveModel {
        organisation_id: Set(organisation.0),
        user_id: Set(user.0),
        role: Set(role.as_str().to_owned()),
        date_joined: Set(now.0),
        ..Default::default()
    };
    organisation_members::Entity::insert(row)
        .exec_without_returning(c.raw())
        .await?;
    Ok(())
}

/// The role of a user in an organisation, if they are a member.
pub async fn find_role(
    c: &impl Conn,
    organisation: OrganisationId,
    user: UserId,
) -> Result<Option<OrganisationRole>> {
    let row = organisation_members::Entity::find()
        .filter(organisation_members::Column::OrganisationId.eq(organisation.0))
        .filter(organisation_members::Column::UserId.eq(user.0))
        .one(c.raw())
        .await?;
    row.map(|row| named("organisation_members", &row.role, OrganisationRole::parse))
        .transpose()
}

/// Every membership of a user.
pub async fn list_roles(c: &impl Conn, user: UserId) -> Result<HashMap<OrganisationId, OrganisationRole>> {
    let rows = organisation_members::Entity::find()
        .filter(organisation_members::Column::UserId.eq(user.0))
        .all(c.raw())
        .await?;
    rows.into_iter()
        .map(|row| {
            let role = named("organisation_members", &row.role, OrganisationRole::parse)?;
            Ok((OrganisationId(row.organisation_id), role))
        })
        .collect()
}

/// The members of an organisation, by user id: two statements.
pub async fn list_members(c: &impl Conn, organisation: OrganisationId) -> Result<Vec<Member>> {
    let memberships = organisation_members::Entity::find()
        .filter(organisation_members::Column::OrganisationId.eq(organisation.0))
        .order_by_asc(organisation_members::Column::UserId)
        .all(c.raw())
        .await?;
    let ids = memberships.iter().map(|row| row.user_id);
    let mut people: HashMap<i32, users::Model> = users::Entity::find()
        .filter(one_of(users::Column::Id, ids))
        .all(c.raw())
        .await?
        .into_iter()
        .map(|row| (row.id, row))
        .collect();
    memberships
        .into_iter()
        .filter_map(|row| people.remove(&row.user_id).map(|user| (row, user)))
        .map(|(row, user)| {
            Ok(Member {
                user: user.into(),
                role: named("organisation_members", &row.role, OrganisationRole::parse)?,
                date_joined: Timestamp(row.date_joined),
            })
        })
        .collect()
}

/// How many members an organisation has.
pub async fn count_members(c: &impl Conn, organisation: OrganisationId) -> Result<u64> {
    let select = organisation_members::Entity::find();
    Ok(select
        .filter(organisation_members::Column::OrganisationId.eq(organisation.0))
        .count(c.raw())
        .await?)
}

/// How many members each of the organisations has.
pub async fn count_members_of(c: &impl Conn, ids: &[OrganisationId]) -> Result<HashMap<OrganisationId, u64>> {
    let rows = organisation_members::Entity::find()
        .filter(one_of(
            organisation_members::Column::OrganisationId,
            ids.iter().map(|id| id.0),
        ))
        .all(c.raw())
        .await?;
    Ok(rows.into_iter().fold(HashMap::new(), |mut counts, row| {
        *counts.entry(OrganisationId(row.organisation_id)).or_default() += 1;
        counts
    }))
}

/// Changes the role of a member.
pub async fn update_role(
    c: &impl Conn,
    organisation: OrganisationId,
    user: UserId,
    role: OrganisationRole,
) -> Result<()> {
    organisation_members::Entity::update_many()
        .col_expr(
            organisation_members::Column::Role,
            sea_orm::sea_query::Expr::value(role.as_str()),
        )
        .filter(organisation_members::Column::OrganisationId.eq(organisation.0))
        .filter(organisation_members::Column::UserId.eq(user.0))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Ends a membership.
pub async fn remove_member(c: &impl Conn, organisation: OrganisationId, user: UserId) -> Result<()> {
    organisation_members::Entity::delete_many()
        .filter(organisation_members::Column::OrganisationId.eq(organisation.0))
        .filter(organisation_members::Column::UserId.eq(user.0))
        .exec(c.raw())
        .await?;
    Ok(())
}
