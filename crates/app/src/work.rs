//! The unit of work of a use-case: one transaction that ends with its audit records, moves on the revision of every
//! environment whose answers change, and publishes those once it is committed.

use crate::App;
use crate::error::Result;
use crate::experiments::note_phases;
use crate::warnings::{self, Warning};
use liftgate_model::account::Actor;
use liftgate_model::audit::{AuditRecord, ChangeType, RelatedObject};
use liftgate_model::{AuditId, EnvironmentId, ExperimentId, ProjectId, Timestamp};
use liftgate_store::{Tx, audit, environments};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// An open unit of work. Dropped without [`Work::commit`] it changes nothing.
pub struct Work<'a> {
    pub(crate) app: &'a App,
    /// The transaction.
    pub tx: Tx,
    /// The time everything in it happens at.
    pub now: Timestamp,
    actor: Option<Actor>,
    records: Vec<AuditRecord>,
    changed: BTreeSet<EnvironmentId>,
    removed: BTreeSet<EnvironmentId>,
    warnings: BTreeMap<ExperimentId, Entry>,
}

/// What an audit record says.
pub(crate) struct Entry {
    pub log: String,
    pub project: ProjectId,
    pub environment: Option<EnvironmentId>,
    pub object: RelatedObject,
    pub id: Option<i32>,
    pub uuid: Option<Uuid>,
    pub change: ChangeType,
    pub details: Vec<Detail>,
    /// Whether the answers of the environment (of all of the project, without one) change with it.
    pub changes_answers: bool,
}

/// One field that differs.
pub(crate) struct Detail {
    pub field: &'static str,
    pub old: Value,
    pub new: Value,
}

impl Entry {
    /// About something in an environment whose answers change with it.
    pub(crate) fn in_environment(
        log: String,
        project: ProjectId,
        environment: EnvironmentId,
        object: RelatedObject,
        id: i32,
        change: ChangeType,
    ) -> Self {
        Self {
            log,
            project,
            environment: Some(environment),
            object,
            id: Some(id),
            uuid: None,
            change,
            details: Vec::new(),
            changes_answers: true,
        }
    }

    /// About something of the whole project; the answers of all its environments change with it.
    pub(crate) fn in_project(
        log: String,
        project: ProjectId,
        object: RelatedObject,
        id: i32,
        change: ChangeType,
    ) -> Self {
        Self {
            log,
            project,
            environment: None,
            object,
            id: Some(id),
            uuid: None,
            change,
            details: Vec::new(),
            changes_answers: true,
        }
    }

    /// The same without a change of answers: it takes effect otherwise, or not at all.
    pub(crate) fn silent(self) -> Self {
        Self {
            changes_answers: false,
            ..self
        }
    }

    /// The same with what differs; fields that do not differ are left out.
    pub(crate) fn with(mut self, field: &'static str, old: impl Into<Value>, new: impl Into<Value>) -> Self {
        let (old, new) = (old.into(), new.into());
        if old != new {
            self.details.push(Detail { field, old, new });
        }
        self
    }
}

impl App {
    /// Opens a unit of work for a caller.
    pub(crate) async fn begin(&self, actor: &Actor) -> Result<Work<'_>> {
        self.open(Some(actor.clone())).await
    }

    /// Opens a unit of work of the server itself.
    pub(crate) async fn begin_as_system(&self) -> Result<Work<'_>> {
        self.open(None).await
    }

    async fn open(&self, actor: Option<Actor>) -> Result<Work<'_>> {
        Ok(Work {
            app: self,
            tx: self.store.begin().await?,
            now: self.clock.now(),
            actor,
            records: Vec::new(),
            changed: BTreeSet::new(),
            removed: BTreeSet::new(),
            warnings: BTreeMap::new(),
        })
    }
}

impl Work<'_> {
    /// The person who acts, if it is one.
    pub(crate) fn user_id(&self) -> Option<liftgate_model::UserId> {
        self.actor.as_ref().and_then(Actor::user_id)
    }

    /// A new public id.
    pub(crate) fn uuid(&self) -> Uuid {
        self.app.random.uuid()
    }

    /// Notes an audit record.
    pub(crate) async fn audit(&mut self, entry: Entry) -> Result<()> {
        if entry.changes_answers {
            match entry.environment {
                Some(environment) => self.changes(environment),
                None => self.changes_project(entry.project).await?,
            }
        }
        let details: Vec<Value> = entry
            .details
            .into_iter()
            .map(|detail| json!({"field": detail.field, "old": detail.old, "new": detail.new}))
            .collect();
        self.records.push(AuditRecord {
            id: AuditId(0),
            created_at: self.now,
            log: entry.log,
            author: self.user_id(),
            master_key: self.actor.as_ref().and_then(Actor::master_key_id),
            environment: entry.environment,
            project: entry.project,
            related_object: entry.object,
            related_object_id: entry.id,
            related_object_uuid: entry.uuid.map(|uuid| uuid.to_string()),
            change_type: entry.change,
            change_details: Value::from(details),
            is_system_event: self.actor.is_none(),
        });
        Ok(())
    }

    /// Notes that the answers of an environment change.
    pub(crate) fn changes(&mut self, environment: EnvironmentId) {
        self.changed.insert(environment);
    }

    /// Notes that the answers of every environment of a project change.
    pub(crate) async fn changes_project(&mut self, project: ProjectId) -> Result<()> {
        for environment in environments::list(&self.tx, project).await? {
            self.changes(environment.id);
        }
        Ok(())
    }

    /// Notes that an environment is gone.
    pub(crate) fn removes(&mut self, environment: EnvironmentId) {
        self.removed.insert(environment);
    }

    /// Notes that what is done here disturbs a running experiment. If anything is done at all, the record is written and
    /// the caller is warned.
    pub(crate) fn warn(&mut self, experiment: ExperimentId, record: Entry) {
        self.warnings.insert(experiment, record);
    }

    /// Makes everything permanent, then publishes the new answers. When this returns, SDKs see them.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let warnings = std::mem::take(&mut self.warnings);
        let mut disturbed = Vec::new();
        if !(self.records.is_empty() && self.changed.is_empty()) {
            for (experiment, record) in warnings {
                self.audit(record).await?;
                disturbed.push(experiment);
            }
        }
        let changed: Vec<EnvironmentId> = self.changed.difference(&self.removed).copied().collect();
        audit::create(&self.tx, &self.records).await?;
        if !changed.is_empty() {
            note_phases(&self, &changed).await?;
            environments::touch(&self.tx, &changed, self.now).await?;
        }
        self.tx.commit().await?;
        for experiment in disturbed {
            warnings::warn(Warning::ExperimentRunning(experiment));
        }
        for environment in self.removed {
            self.app.delivery.remove(environment);
        }
        self.app.publish_all(&changed).await;
        Ok(())
    }
}
