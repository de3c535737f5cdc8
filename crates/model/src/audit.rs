//! Audit records: who changed what.

use crate::metric::wire_enum;
use crate::{AuditId, EnvironmentId, MasterKeyId, ProjectId, Timestamp, UserId};
use serde_json::Value;

wire_enum! {
    /// What an audit record is about.
    RelatedObject {
        /// A feature.
        Feature = "FEATURE",
        /// A feature state.
        FeatureState = "FEATURE_STATE",
        /// A segment.
        Segment = "SEGMENT",
        /// An environment.
        Environment = "ENVIRONMENT",
        /// A version of a feature.
        FeatureVersion = "EF_VERSION",
        /// A warehouse connection.
        WarehouseConnection = "WAREHOUSE_CONNECTION",
        /// An experiment.
        Experiment = "EXPERIMENT",
        /// A metric.
        Metric = "METRIC",
    }
}

wire_enum! {
    /// What was done to it.
    ChangeType {
        /// Made.
        Create = "CREATE",
        /// Changed.
        Update = "UPDATE",
        /// Removed.
        Delete = "DELETE",
        /// Something else.
        Unknown = "UNKNOWN",
    }
}

/// An audit record; append-only.
#[derive(Debug, Clone)]
pub struct AuditRecord {
    /// Id.
    pub id: AuditId,
    /// When.
    pub created_at: Timestamp,
    /// What happened, in words.
    pub log: String,
    /// The person, if it was one.
    pub author: Option<UserId>,
    /// The key, if it was one.
    pub master_key: Option<MasterKeyId>,
    /// The environment, if it concerns one.
    pub environment: Option<EnvironmentId>,
    /// The project.
    pub project: ProjectId,
    /// What it is about.
    pub related_object: RelatedObject,
    /// Its id.
    pub related_object_id: Option<i32>,
    /// Its public id.
    pub related_object_uuid: Option<String>,
    /// What was done.
    pub change_type: ChangeType,
    /// What differs: a list of `{"field", "old", "new"}`.
    pub change_details: Value,
    /// Whether the server did it by itself.
    pub is_system_event: bool,
}
