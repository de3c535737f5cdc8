//! Audit records: append-only.

use crate::entity::audit_records as records;
use crate::values::{contains, insert_all, named, one_of, page};
use crate::{Conn, Result};
use liftgate_model::audit::{AuditRecord, ChangeType, RelatedObject};
use liftgate_model::{AuditId, EnvironmentId, MasterKeyId, Page, ProjectId, Slice, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

fn read(row: records::Model) -> Result<AuditRecord> {
    Ok(AuditRecord {
        id: AuditId(row.id),
        created_at: Timestamp(row.created_at),
        log: row.log,
        author: row.author_id.map(UserId),
        master_key: row.master_key_id.map(MasterKeyId),
        environment: row.environment_id.map(EnvironmentId),
        project: ProjectId(row.project_id),
        related_object: named("audit_records", &row.related_object_type, RelatedObject::parse)?,
        related_object_id: row.related_object_id,
        related_object_uuid: row.related_object_uuid,
        change_type: named("audit_records", &row.change_type, ChangeType::parse)?,
        change_details: row.change_details,
        is_system_event: row.is_system_event,
    })
}

/// Stores records in the order given; their ids are given by the database.
pub async fn create(c: &impl Conn, records: &[AuditRecord]) -> Result<()> {
    let rows = records.iter().map(|record| records::ActiveModel {
        created_at: Set(record.created_at.0),
        log: Set(record.log.clone()),
        author_id: Set(record.author.map(|id| id.0)),
        master_key_id: Set(record.master_key.map(|id| id.0)),
        environment_id: Set(record.environment.map(|id| id.0)),
        project_id: Set(record.project.0),
        related_object_type: Set(record.related_object.as_str().to_owned()),
        related_object_id: Set(record.related_object_id),
        related_object_uuid: Set(record.related_object_uuid.clone()),
        change_type: Set(record.change_type.as_str().to_owned()),
        change_details: Set(record.change_details.clone()),
        is_system_event: Set(record.is_system_event),
        ..Default::default()
    });
    insert_all(c, rows.collect(), None).await?;
    Ok(())
}

/// Which records a list shows.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only these projects.
    pub projects: Vec<ProjectId>,
    /// Only these environments; empty means all, and those without.
    pub environments: Vec<EnvironmentId>,
    /// A part of the text, in any case.
    pub log_contains: Option<String>,
    /// Only what the server did by itself, or only what others did.
    pub is_system_event: Option<bool>,
}

/// The records that pass a filter, newest first.
pub async fn list(c: &impl Conn, filter: &AuditFilter, slice: Slice) -> Result<Page<AuditRecord>> {
    let mut select = records::Entity::find().filter(one_of(
        records::Column::ProjectId,
        filter.projects.iter().map(|id| id.0),
    ));
    if !filter.environments.is_empty() {
        let ids = filter.environments.iter().map(|id| id.0);
        select = select.filter(one_of(records::Column::EnvironmentId, ids));
    }
    if let Some(text) = &filter.log_contains {
        select = select.filter(contains(records::Column::Log, text));
    }
    if let Some(system) = filter.is_system_event {
        select = select.filter(records::Column::IsSystemEvent.eq(system));
    }
    let select = select
        .order_by_desc(records::Column::CreatedAt)
        .order_by_desc(records::Column::Id);
    let rows = page(c.raw(), select, slice).await?;
    Ok(Page {
        total: rows.total,
        items: rows.items.into_iter().map(read).collect::<Result<_>>()?,
    })
}

/// The record with that id in a project.
pub async fn find(c: &impl Conn, project: ProjectId, id: AuditId) -> Result<Option<AuditRecord>> {
    let select = records::Entity::find_by_id(id.0).filter(records::Column::ProjectId.eq(project.0));
    select.one(c.raw()).await?.map(read).transpose()
}
