//! Features, with their tags and owners.

use crate::entity::{feature_group_owners, feature_owners, feature_tags, features, tags};
use crate::values::{contains, insert_all, name_key, named, one_of, page};
use crate::{Conn, Result};
use liftgate_model::feature::{Feature, FeatureType};
use liftgate_model::{FeatureId, GroupId, Page, ProjectId, Slice, TagId, Timestamp, UserId};
use sea_orm::sea_query::{CaseStatement, Expr, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::collections::HashMap;
use uuid::Uuid;

/// The key under which a feature's name is unique: case does not matter.
fn key(name: &str) -> String {
    name_key(&name.to_lowercase())
}

/// Gives rows their tags and owners: three statements.
async fn complete(c: &impl Conn, rows: Vec<features::Model>) -> Result<Vec<Feature>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i32> = rows.iter().map(|row| row.id).collect();
    let mut tags: HashMap<i32, Vec<TagId>> = HashMap::new();
    let tagged = feature_tags::Entity::find()
        .filter(one_of(feature_tags::Column::FeatureId, ids.iter().copied()))
        .order_by_asc(feature_tags::Column::TagId);
    for row in tagged.all(c.raw()).await? {
        tags.entry(row.feature_id).or_default().push(TagId(row.tag_id));
    }
    let mut owners: HashMap<i32, Vec<UserId>> = HashMap::new();
    let owned = feature_owners::Entity::find()
        .filter(one_of(feature_owners::Column::FeatureId, ids.iter().copied()))
        .order_by_asc(feature_owners::Column::UserId);
    for row in owned.all(c.raw()).await? {
        owners
            .entry(row.feature_id)
            .or_default()
            .push(UserId(row.user_id));
    }
    let mut groups: HashMap<i32, Vec<GroupId>> = HashMap::new();
    let owned = feature_group_owners::Entity::find()
        .filter(one_of(feature_group_owners::Column::FeatureId, ids))
        .order_by_asc(feature_group_owners::Column::GroupId);
    for row in owned.all(c.raw()).await? {
        groups
            .entry(row.feature_id)
            .or_default()
            .push(GroupId(row.group_id));
    }
    rows.into_iter()
        .map(|row| {
            Ok(Feature {
                id: FeatureId(row.id),
                uuid: row.uuid,
                project: ProjectId(row.project_id),
                name: row.name,
                kind: named("features", &row.kind, FeatureType::parse)?,
                initial_value: row.initial_value,
                default_enabled: row.default_enabled,
                description: row.description,
                is_archived: row.is_archived,
                is_server_key_only: row.is_server_key_only,
                created_at: Timestamp(row.created_at),
                tags: tags.remove(&row.id).unwrap_or_default(),
                owners: owners.remove(&row.id).unwrap_or_default(),
                group_owners: groups.remove(&row.id).unwrap_or_default(),
            })
        })
        .collect()
}

fn columns(feature: &Feature) -> features::ActiveModel {
    features::ActiveModel {
        kind: Set(feature.kind.as_str().to_owned()),
        description: Set(feature.description.clone()),
        is_archived: Set(feature.is_archived),
        is_server_key_only: Set(feature.is_server_key_only),
        ..Default::default()
    }
}

/// Stores a feature with its tags and owners; its `id` is given by the database.
///
/// # Errors
/// `Conflict` when the project has one of that name, in any case.
pub async fn create(c: &impl Conn, feature: &Feature) -> Result<Feature> {
    let row = features::ActiveModel {
        uuid: Set(feature.uuid),
        project_id: Set(feature.project.0),
        name: Set(feature.name.clone()),
        name_key: Set(key(&feature.name)),
        initial_value: Set(feature.initial_value.clone()),
        default_enabled: Set(feature.default_enabled),
        created_at: Set(feature.created_at.0),
        ..columns(feature)
    };
    let row = features::Entity::insert(row).exec_with_returning(c.raw()).await?;
    let created = Feature {
        id: FeatureId(row.id),
        ..feature.clone()
    };
    replace_links(c, &created).await?;
    Ok(created)
}

/// Stores what changed about a feature, tags and owners included.
pub async fn update(c: &impl Conn, feature: &Feature) -> Result<()> {
    let row = features::ActiveModel {
        id: Set(feature.id.0),
        ..columns(feature)
    };
    features::Entity::update(row).exec(c.raw()).await?;
    replace_links(c, feature).await
}

/// Makes the stored tags and owners those of the feature.
async fn replace_links(c: &impl Conn, feature: &Feature) -> Result<()> {
    feature_tags::Entity::delete_many()
        .filter(feature_tags::Column::FeatureId.eq(feature.id.0))
        .exec(c.raw())
        .await?;
    feature_owners::Entity::delete_many()
        .filter(feature_owners::Column::FeatureId.eq(feature.id.0))
        .exec(c.raw())
        .await?;
    feature_group_owners::Entity::delete_many()
        .filter(feature_group_owners::Column::FeatureId.eq(feature.id.0))
        .exec(c.raw())
        .await?;
    let rows = feature.tags.iter().map(|tag| feature_tags::ActiveModel {
        feature_id: Set(feature.id.0),
        tag_id: Set(tag.0),
    });
    insert_all(c, rows.collect(), None).await?;
    let rows = feature.owners.iter().map(|user| feature_owners::ActiveModel {
        feature_id: Set(feature.id.0),
        user_id: Set(user.0),
    });
    insert_all(c, rows.collect(), None).await?;
    let rows = feature
        .group_owners
        .iter()
        .map(|group| feature_group_owners::ActiveModel {
            feature_id: Set(feature.id.0),
            group_id: Set(group.0),
        });
    insert_all(c, rows.collect(), None).await?;
    Ok(())
}

/// Soft-deletes a feature.
pub async fn delete(c: &impl Conn, id: FeatureId, now: Timestamp) -> Result<()> {
    let row = features::ActiveModel {
        id: Set(id.0),
        deleted_at: Set(Some(now.0)),
        ..Default::default()
    };
    features::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Those features of a project that are kept.
fn kept(project: ProjectId) -> Select<features::Entity> {
    features::Entity::find()
        .filter(features::Column::ProjectId.eq(project.0))
        .filter(features::Column::DeletedAt.is_null())
}

/// The feature with that id in a project.
pub async fn find(c: &impl Conn, project: ProjectId, id: FeatureId) -> Result<Option<Feature>> {
    let rows = kept(project)
        .filter(features::Column::Id.eq(id.0))
        .all(c.raw())
        .await?;
    Ok(complete(c, rows).await?.pop())
}

/// The feature with that id.
pub async fn find_by_id(c: &impl Conn, id: FeatureId) -> Result<Option<Feature>> {
    let select = features::Entity::find_by_id(id.0).filter(features::Column::DeletedAt.is_null());
    let rows = select.all(c.raw()).await?;
    Ok(complete(c, rows).await?.pop())
}

/// The feature of that name in a project, in any case.
pub async fn find_by_name(c: &impl Conn, project: ProjectId, name: &str) -> Result<Option<Feature>> {
    let rows = kept(project)
        .filter(features::Column::NameKey.eq(key(name)))
        .all(c.raw())
        .await?;
    Ok(complete(c, rows).await?.pop())
}

/// The feature with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<Feature>> {
    let select = features::Entity::find()
        .filter(features::Column::Uuid.eq(uuid))
        .filter(features::Column::DeletedAt.is_null());
    let rows = select.all(c.raw()).await?;
    Ok(complete(c, rows).await?.pop())
}

/// Those of the given features that are kept, by id: three statements.
pub async fn list_by_ids(c: &impl Conn, ids: &[FeatureId]) -> Result<Vec<Feature>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let select = features::Entity::find()
        .filter(one_of(features::Column::Id, ids.iter().map(|id| id.0)))
        .filter(features::Column::DeletedAt.is_null())
        .order_by_asc(features::Column::Id);
    let rows = select.all(c.raw()).await?;
    complete(c, rows).await
}

/// Holds what features do against other writers until the transaction ends, so that nobody builds on what is about to
/// change: states, links, versions and options. On SQLite there is one writer anyway.
pub async fn lock(c: &impl Conn, id: FeatureId) -> Result<()> {
    let _: Option<i32> = features::Entity::find_by_id(id.0)
        .select_only()
        .column(features::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .one(c.raw())
        .await?;
    Ok(())
}

/// Every feature of a project, by id.
pub async fn list_all(c: &impl Conn, project: ProjectId) -> Result<Vec<Feature>> {
    let rows = kept(project)
        .order_by_asc(features::Column::Id)
        .all(c.raw())
        .await?;
    complete(c, rows).await
}

/// How many features a project has.
pub async fn count(c: &impl Conn, project: ProjectId) -> Result<u64> {
    Ok(kept(project).count(c.raw()).await?)
}

/// How a list of features chooses by tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TagFilter {
    /// Only features without tags.
    Untagged,
    /// Only features that have all of these.
    All(Vec<TagId>),
    /// Only features that have one of these.
    Any(Vec<TagId>),
}

/// Who owns a feature: one of these people, or one of these groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    /// People.
    pub users: Vec<UserId>,
    /// Groups.
    pub groups: Vec<GroupId>,
}

/// Which features a list shows, and in which order.
#[derive(Debug, Clone, Default)]
pub struct FeatureFilter {
    /// A part of the name, in any case.
    pub name_contains: Option<String>,
    /// By tag.
    pub tags: Option<TagFilter>,
    /// Only archived ones, or only others.
    pub is_archived: Option<bool>,
    /// Only this kind.
    pub kind: Option<FeatureType>,
    /// Only those that one of these owns.
    pub owners: Option<Owners>,
    /// Only these.
    pub only: Option<Vec<FeatureId>>,
    /// Only those with a permanent tag, or only those without.
    pub is_permanent: Option<bool>,
    /// These come first, the first list before all.
    pub first: Vec<Vec<FeatureId>>,
    /// By name instead of by age.
    pub sort_by_name: bool,
    /// The other way round.
    pub descending: bool,
}

/// The features of a project that pass a filter.
pub async fn list(
    c: &impl Conn,
    project: ProjectId,
    filter: &FeatureFilter,
    slice: Slice,
) -> Result<Page<Feature>> {
    let mut condition = Condition::all();
    if let Some(text) = &filter.name_contains {
        condition = condition.add(contains(features::Column::Name, text));
    }
    if let Some(archived) = filter.is_archived {
        condition = condition.add(features::Column::IsArchived.eq(archived));
    }
    if let Some(kind) = filter.kind {
        condition = condition.add(features::Column::Kind.eq(kind.as_str()));
    }
    if let Some(only) = &filter.only {
        condition = condition.add(one_of(features::Column::Id, only.iter().map(|id| id.0)));
    }
    if let Some(owners) = &filter.owners {
        let owned = Query::select()
            .column(feature_owners::Column::FeatureId)
            .from(feature_owners::Entity)
            .and_where(one_of(
                feature_owners::Column::UserId,
                owners.users.iter().map(|id| id.0),
            ))
            .to_owned();
        let owned_by_group = Query::select()
            .column(feature_group_owners::Column::FeatureId)
            .from(feature_group_owners::Entity)
            .and_where(one_of(
                feature_group_owners::Column::GroupId,
                owners.groups.iter().map(|id| id.0),
            ))
            .to_owned();
        condition = condition.add(
            Condition::any()
                .add(features::Column::Id.in_subquery(owned))
                .add(features::Column::Id.in_subquery(owned_by_group)),
        );
    }
    let tagged = |tags: &[TagId]| {
        Query::select()
            .column(feature_tags::Column::FeatureId)
            .from(feature_tags::Entity)
            .and_where(one_of(feature_tags::Column::TagId, tags.iter().map(|id| id.0)))
            .to_owned()
    };
    match &filter.tags {
        Some(TagFilter::Untagged) => {
            let any = Query::select()
                .column(feature_tags::Column::FeatureId)
                .from(feature_tags::Entity)
                .to_owned();
            condition = condition.add(features::Column::Id.not_in_subquery(any));
        }
        Some(TagFilter::Any(tags)) => {
            condition = condition.add(features::Column::Id.in_subquery(tagged(tags)));
        }
        Some(TagFilter::All(tags)) => {
            for tag in tags {
                condition = condition.add(features::Column::Id.in_subquery(tagged(&[*tag])));
            }
        }
        None => {}
    }
    if let Some(permanent) = filter.is_permanent {
        let ids = Query::select()
            .column(tags::Column::Id)
            .from(tags::Entity)
            .and_where(tags::Column::ProjectId.eq(project.0))
            .and_where(tags::Column::IsPermanent.eq(true))
            .to_owned();
        let tagged = Query::select()
            .column(feature_tags::Column::FeatureId)
            .from(feature_tags::Entity)
            .and_where(feature_tags::Column::TagId.in_subquery(ids))
            .to_owned();
        condition = condition.add(if permanent {
            features::Column::Id.in_subquery(tagged)
        } else {
            features::Column::Id.not_in_subquery(tagged)
        });
    }
    let order = if filter.descending {
        Order::Desc
    } else {
        Order::Asc
    };
    let mut select = kept(project).filter(condition);
    for first in filter.first.iter().filter(|first| !first.is_empty()) {
        let first = one_of(features::Column::Id, first.iter().map(|id| id.0));
        select = select.order_by(
            Expr::Case(Box::new(CaseStatement::new().case(first, 0).finally(1))),
            Order::Asc,
        );
    }
    if filter.sort_by_name {
        select = select.order_by(features::Column::Name, order.clone());
    } else {
        select = select.order_by(features::Column::CreatedAt, order.clone());
    }
    let rows = page(c.raw(), select.order_by(features::Column::Id, order), slice).await?;
    Ok(Page {
        total: rows.total,
        items: complete(c, rows.items).await?,
    })
}
