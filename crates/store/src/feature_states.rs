//! Feature states with their allocations: what flags do.
//!
//! In environments without feature versioning a line (default, segment, identity) has one row, edited in place. With
//! it, the rows of a line belong to versions and those of the live version count. Identity overrides never belong to a
//! version. The salt of a row is the id of the first row its line ever had, so no edit moves anybody between variants.

use crate::entity::{allocations, feature_segments as links, feature_states as states, feature_versions};
use crate::feature_versions::{live_uuids, scheduled_uuids};
use crate::values::{FlagColumns, insert_all, one_of};
use crate::{Conn, Result};
use liftgate_model::environment::Environment;
use liftgate_model::feature_state::{Allocation, FeatureSegment, FeatureState, Line};
use liftgate_model::{
    AllocationId, EnvironmentId, FeatureId, FeatureSegmentId, FeatureStateId, FlagValue, IdentityId,
    Leftovers, OptionId, SegmentId, Timestamp,
};
use sea_orm::sea_query::{Expr, OnConflict, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Which rows count.
#[derive(Debug, Clone, Copy)]
pub enum Rows {
    /// Those that are served: of the live versions, or those of no version.
    Live {
        /// Whether the environment is versioned.
        versioned: bool,
        /// What "live" is measured against.
        now: Timestamp,
    },
    /// Those of one version.
    Version(Uuid),
    /// Those of the published versions whose time has not come.
    Scheduled {
        /// What "not come" is measured against.
        now: Timestamp,
    },
    /// Overrides of identities.
    Identities,
}

/// Which states are asked for. Everything that is `None` does not narrow.
#[derive(Debug, Clone)]
pub struct StateFilter<'a> {
    /// The environment.
    pub environment: EnvironmentId,
    /// Which rows count.
    pub rows: Rows,
    /// Only these features.
    pub features: Option<&'a [FeatureId]>,
    /// Only overrides of these segments.
    pub segments: Option<&'a [SegmentId]>,
    /// Only environment defaults.
    pub defaults_only: bool,
    /// Only overrides of these identities.
    pub identities: Option<&'a [IdentityId]>,
}

impl<'a> StateFilter<'a> {
    /// What the environment serves, identity overrides aside.
    pub fn live(environment: &Environment, now: Timestamp) -> Self {
        let rows = Rows::Live {
            versioned: environment.use_v2_feature_versioning,
            now,
        };
        Self::new(environment.id, rows)
    }

    /// The identity overrides of an environment.
    pub fn identities(environment: EnvironmentId) -> Self {
        Self::new(environment, Rows::Identities)
    }

    /// What the versions of an environment will serve whose time has not come.
    pub fn scheduled(environment: EnvironmentId, now: Timestamp) -> Self {
        Self::new(environment, Rows::Scheduled { now })
    }

    /// The states of a version.
    pub fn version(environment: EnvironmentId, version: Uuid) -> Self {
        Self::new(environment, Rows::Version(version))
    }

    fn new(environment: EnvironmentId, rows: Rows) -> Self {
        Self {
            environment,
            rows,
            features: None,
            segments: None,
            defaults_only: false,
            identities: None,
        }
    }

    /// Only this feature.
    #[must_use]
    pub fn of(self, features: &'a [FeatureId]) -> Self {
        Self {
            features: Some(features),
            ..self
        }
    }

    fn condition(&self) -> Condition {
        let mut all = Condition::all()
            .add(states::Column::EnvironmentId.eq(self.environment.0))
            .add(states::Column::DeletedAt.is_null());
        all = match self.rows {
            Rows::Live { versioned: true, now } => all
                .add(states::Column::IdentityId.is_null())
                .add(states::Column::VersionUuid.in_subquery(live_uuids(self.environment, now))),
            Rows::Live { versioned: false, .. } => all
                .add(states::Column::IdentityId.is_null())
                .add(states::Column::VersionUuid.is_null()),
            Rows::Scheduled { now } => {
                all.add(states::Column::VersionUuid.in_subquery(scheduled_uuids(self.environment, now)))
            }
            Rows::Version(uuid) => all.add(states::Column::VersionUuid.eq(uuid)),
            Rows::Identities => all.add(states::Column::IdentityId.is_not_null()),
        };
        if let Some(features) = self.features {
            all = all.add(one_of(states::Column::FeatureId, features.iter().map(|id| id.0)));
        }
        if let Some(segments) = self.segments {
            all = all.add(one_of(states::Column::SegmentId, segments.iter().map(|id| id.0)));
        }
        if self.defaults_only {
            all = all
                .add(states::Column::SegmentId.is_null())
                .add(states::Column::IdentityId.is_null());
        }
        if let Some(identities) = self.identities {
            all = all.add(one_of(
                states::Column::IdentityId,
                identities.iter().map(|id| id.0),
            ));
        }
        all
    }
}

/// The states that pass a filter, by id, with allocations and links: three statements whatever the number.
pub async fn list(c: &impl Conn, filter: &StateFilter<'_>) -> Result<Vec<FeatureState>> {
    list_where(c, filter.condition()).await
}

/// The state with that id.
pub async fn find(c: &impl Conn, id: FeatureStateId) -> Result<Option<FeatureState>> {
    let condition = Condition::all()
        .add(states::Column::Id.eq(id.0))
        .add(states::Column::DeletedAt.is_null());
    Ok(list_where(c, condition).await?.pop())
}

/// The state with that public id.
pub async fn find_by_uuid(c: &impl Conn, uuid: Uuid) -> Result<Option<FeatureState>> {
    let condition = Condition::all()
        .add(states::Column::Uuid.eq(uuid))
        .add(states::Column::DeletedAt.is_null());
    Ok(list_where(c, condition).await?.pop())
}

async fn list_where(c: &impl Conn, condition: Condition) -> Result<Vec<FeatureState>> {
    let select = states::Entity::find().filter(condition.clone());
    let rows = select
        .clone()
        .order_by_asc(states::Column::Id)
        .all(c.raw())
        .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids_of = |column: states::Column| -> SelectStatement {
        select.clone().select_only().column(column).into_query()
    };
    let mut shares: HashMap<i32, Vec<Allocation>> = HashMap::new();
    let allocated = allocations::Entity::find()
        .filter(allocations::Column::FeatureStateId.in_subquery(ids_of(states::Column::Id)))
        .order_by_asc(allocations::Column::Id);
    for row in allocated.all(c.raw()).await? {
        shares.entry(row.feature_state_id).or_default().push(Allocation {
            id: AllocationId(row.id),
            uuid: row.uuid,
            option: OptionId(row.option_id),
            percentage: row.percentage,
        });
    }
    let linked =
        links::Entity::find().filter(links::Column::Id.in_subquery(ids_of(states::Column::FeatureSegmentId)));
    let mut by_link: HashMap<i32, FeatureSegment> = linked
        .all(c.raw())
        .await?
        .into_iter()
        .map(|row| (row.id, row.into()))
        .collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let line = match (row.segment_id, row.identity_id) {
                (Some(segment), _) => Line::Segment(SegmentId(segment)),
                (None, Some(identity)) => Line::Identity(IdentityId(identity)),
                (None, None) => Line::Default,
            };
            FeatureState {
                id: FeatureStateId(row.id),
                uuid: row.uuid,
                feature: FeatureId(row.feature_id),
                environment: EnvironmentId(row.environment_id),
                line,
                feature_segment: row.feature_segment_id.and_then(|id| by_link.remove(&id)),
                enabled: row.enabled,
                leftovers: Leftovers {
                    text: row.string_value.clone(),
                    integer: row.integer_value,
                    boolean: row.boolean_value,
                },
                value: FlagColumns {
                    value_type: row.value_type,
                    string_value: row.string_value,
                    integer_value: row.integer_value,
                    boolean_value: row.boolean_value,
                }
                .read(),
                salt: row.salt,
                version: row.version_uuid,
                created_at: Timestamp(row.created_at),
                updated_at: Timestamp(row.updated_at),
                allocations: shares.remove(&row.id).unwrap_or_default(),
            }
        })
        .collect())
}

/// A state to be stored.
#[derive(Debug, Clone)]
pub struct NewState {
    /// Public id.
    pub uuid: Uuid,
    /// The feature.
    pub feature: FeatureId,
    /// The environment.
    pub environment: EnvironmentId,
    /// Default, segment or identity.
    pub line: Line,
    /// The link of a segment override.
    pub feature_segment: Option<FeatureSegmentId>,
    /// On or off.
    pub enabled: bool,
    /// The value.
    pub value: FlagValue,
    /// What lies beside the value.
    pub leftovers: Leftovers,
    /// The version it belongs to.
    pub version: Option<Uuid>,
    /// A salt carried over from another environment's line; otherwise that of the line itself.
    pub salt: Option<i32>,
}

/// Stores a state and gives it the salt of its line; allocations are stored with [`put_allocations`].
pub async fn create(c: &impl Conn, state: &NewState, now: Timestamp) -> Result<FeatureStateId> {
    let (segment, identity) = match state.line {
        Line::Default => (None, None),
        Line::Segment(id) => (Some(id.0), None),
        Line::Identity(id) => (None, Some(id.0)),
    };
    let salt = match (state.salt, identity) {
        (Some(salt), _) => Some(salt),
        (None, None) => lineage_salt(c, state, segment).await?,
        (None, Some(_)) => None,
    };
    let value = FlagColumns::from(&state.value).beside(&state.leftovers);
    let row = states::ActiveModel {
        uuid: Set(state.uuid),
        feature_id: Set(state.feature.0),
        environment_id: Set(state.environment.0),
        segment_id: Set(segment),
        feature_segment_id: Set(state.feature_segment.map(|id| id.0)),
        identity_id: Set(identity),
        enabled: Set(state.enabled),
        value_type: Set(value.value_type),
        string_value: Set(value.string_value),
        integer_value: Set(value.integer_value),
        boolean_value: Set(value.boolean_value),
        salt: Set(salt.unwrap_or_default()),
        version_uuid: Set(state.version),
        created_at: Set(now.0),
        updated_at: Set(now.0),
        ..Default::default()
    };
    let id = states::Entity::insert(row).exec(c.raw()).await?.last_insert_id;
    if salt.is_none() {
        let first = states::ActiveModel {
            id: Set(id),
            salt: Set(id),
            ..Default::default()
        };
        states::Entity::update(first).exec(c.raw()).await?;
    }
    Ok(FeatureStateId(id))
}

/// The salt of the first row the line ever had, removed rows included.
async fn lineage_salt(c: &impl Conn, state: &NewState, segment: Option<i32>) -> Result<Option<i32>> {
    let mut first = states::Entity::find()
        .filter(states::Column::EnvironmentId.eq(state.environment.0))
        .filter(states::Column::FeatureId.eq(state.feature.0))
        .filter(states::Column::IdentityId.is_null())
        .order_by_asc(states::Column::Id);
    first = match segment {
        Some(id) => first.filter(states::Column::SegmentId.eq(id)),
        None => first.filter(states::Column::SegmentId.is_null()),
    };
    Ok(first.one(c.raw()).await?.map(|row| row.salt))
}

/// Stores whether a state is on, and its value. The columns that the value's type does not name stay as they are.
pub async fn update(
    c: &impl Conn,
    id: FeatureStateId,
    enabled: bool,
    value: &FlagValue,
    now: Timestamp,
) -> Result<()> {
    let mut row = states::ActiveModel {
        id: Set(id.0),
        enabled: Set(enabled),
        updated_at: Set(now.0),
        ..Default::default()
    };
    let columns = FlagColumns::from(value);
    row.value_type = Set(columns.value_type);
    match value {
        FlagValue::Null | FlagValue::Text(_) => row.string_value = Set(columns.string_value),
        FlagValue::Integer(_) => row.integer_value = Set(columns.integer_value),
        FlagValue::Boolean(_) => row.boolean_value = Set(columns.boolean_value),
    }
    states::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Stores what lies in the columns that the type of a state's value does not name.
pub async fn update_leftovers(
    c: &impl Conn,
    id: FeatureStateId,
    value: &FlagValue,
    leftovers: &Leftovers,
) -> Result<()> {
    let columns = FlagColumns::from(value).beside(leftovers);
    let row = states::ActiveModel {
        id: Set(id.0),
        string_value: Set(columns.string_value),
        integer_value: Set(columns.integer_value),
        boolean_value: Set(columns.boolean_value),
        ..Default::default()
    };
    states::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Moves a state into a version, or out of every version.
pub async fn update_version(c: &impl Conn, id: FeatureStateId, version: Option<Uuid>) -> Result<()> {
    let row = states::ActiveModel {
        id: Set(id.0),
        version_uuid: Set(version),
        ..Default::default()
    };
    states::Entity::update(row).exec(c.raw()).await?;
    Ok(())
}

/// Stores shares of options in a state, each over the one there is for the option; a row that is there keeps its id and
/// so its place in the walk. New rows come in the order given.
pub async fn put_allocations(
    c: &impl Conn,
    state: FeatureStateId,
    shares: impl IntoIterator<Item = (Uuid, OptionId, f64)>,
) -> Result<()> {
    let rows = shares
        .into_iter()
        .map(|(uuid, option, percentage)| allocations::ActiveModel {
            uuid: Set(uuid),
            feature_state_id: Set(state.0),
            option_id: Set(option.0),
            percentage: Set(percentage),
            ..Default::default()
        });
    let replace = OnConflict::columns([allocations::Column::FeatureStateId, allocations::Column::OptionId])
        .update_column(allocations::Column::Percentage)
        .to_owned();
    insert_all(c, rows.collect(), Some(replace)).await?;
    Ok(())
}

/// Removes shares from a state.
pub async fn delete_allocations(c: &impl Conn, state: FeatureStateId, options: &[OptionId]) -> Result<()> {
    allocations::Entity::delete_many()
        .filter(allocations::Column::FeatureStateId.eq(state.0))
        .filter(one_of(
            allocations::Column::OptionId,
            options.iter().map(|id| id.0),
        ))
        .exec(c.raw())
        .await?;
    Ok(())
}

/// Soft-deletes a state: its row keeps the salt of the line.
pub async fn delete(c: &impl Conn, id: FeatureStateId, now: Timestamp) -> Result<()> {
    delete_where(c, Condition::all().add(states::Column::Id.eq(id.0)), now).await
}

/// Soft-deletes every state of a feature, in every environment.
pub async fn delete_of_feature(c: &impl Conn, feature: FeatureId, now: Timestamp) -> Result<()> {
    delete_where(
        c,
        Condition::all().add(states::Column::FeatureId.eq(feature.0)),
        now,
    )
    .await
}

/// Soft-deletes every override of a segment, in every environment and version.
pub async fn delete_of_segment(c: &impl Conn, segment: SegmentId, now: Timestamp) -> Result<()> {
    delete_where(
        c,
        Condition::all().add(states::Column::SegmentId.eq(segment.0)),
        now,
    )
    .await
}

async fn delete_where(c: &impl Conn, condition: Condition, now: Timestamp) -> Result<()> {
    states::Entity::update_many()
        .col_expr(states::Column::DeletedAt, Expr::value(now.0))
        .filter(condition)
        .filter(states::Column::DeletedAt.is_null())
        .exec(c.raw())
        .await?;
    Ok(())
}

/// The environment defaults of a feature in every environment and version, drafts included: ids with what tells them
/// apart. An option that is added gets a share in each.
pub async fn list_default_ids(
    c: &impl Conn,
    feature: FeatureId,
) -> Result<Vec<(FeatureStateId, EnvironmentId, Option<Uuid>)>> {
    let rows: Vec<(i32, i32, Option<Uuid>)> = states::Entity::find()
        .select_only()
        .column(states::Column::Id)
        .column(states::Column::EnvironmentId)
        .column(states::Column::VersionUuid)
        .filter(states::Column::FeatureId.eq(feature.0))
        .filter(states::Column::SegmentId.is_null())
        .filter(states::Column::IdentityId.is_null())
        .filter(states::Column::DeletedAt.is_null())
        .order_by_asc(states::Column::Id)
        .into_tuple()
        .all(c.raw())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, env, version)| (FeatureStateId(id), EnvironmentId(env), version))
        .collect())
}

/// The shares of all options in each of the states, summed: one statement.
pub async fn sum_allocations(c: &impl Conn, ids: &[FeatureStateId]) -> Result<HashMap<FeatureStateId, f64>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let select = allocations::Entity::find().filter(one_of(
        allocations::Column::FeatureStateId,
        ids.iter().map(|id| id.0),
    ));
    Ok(select
        .all(c.raw())
        .await?
        .into_iter()
        .fold(HashMap::new(), |mut sums, row| {
            *sums.entry(FeatureStateId(row.feature_state_id)).or_default() += row.percentage;
            sums
        }))
}

/// How many overrides features have in an environment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OverrideCounts {
    /// Overrides of segments that are served.
    pub segments: u64,
    /// Overrides of identities.
    pub identities: u64,
}

/// The overrides of features in an environment, counted: two statements.
pub async fn count_overrides(
    c: &impl Conn,
    environment: &Environment,
    features: &[FeatureId],
    now: Timestamp,
) -> Result<HashMap<FeatureId, OverrideCounts>> {
    let live = StateFilter::live(environment, now).of(features);
    let live = live.condition().add(states::Column::SegmentId.is_not_null());
    let identities = StateFilter::identities(environment.id).of(features);
    let mut counts: HashMap<FeatureId, OverrideCounts> = HashMap::new();
    for (feature, count) in count_by_feature(c, live).await? {
        counts.entry(feature).or_default().segments = count;
    }
    for (feature, count) in count_by_feature(c, identities.condition()).await? {
        counts.entry(feature).or_default().identities = count;
    }
    Ok(counts)
}

async fn count_by_feature(c: &impl Conn, condition: Condition) -> Result<Vec<(FeatureId, u64)>> {
    let rows: Vec<(i32, i64)> = states::Entity::find()
        .select_only()
        .column(states::Column::FeatureId)
        .column_as(states::Column::Id.count(), "count")
        .filter(condition)
        .group_by(states::Column::FeatureId)
        .into_tuple()
        .all(c.raw())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(feature, count)| (FeatureId(feature), u64::try_from(count).unwrap_or_default()))
        .collect())
}

/// The features that have an override of a segment in an environment, in whatever version.
pub async fn list_overridden(
    c: &impl Conn,
    environment: EnvironmentId,
    segment: SegmentId,
) -> Result<Vec<FeatureId>> {
    let condition = Condition::all()
        .add(states::Column::EnvironmentId.eq(environment.0))
        .add(states::Column::SegmentId.eq(segment.0));
    features_of(c, condition).await
}

/// The features that have an override of an identity.
pub async fn list_overridden_by_identity(c: &impl Conn, identity: IdentityId) -> Result<Vec<FeatureId>> {
    features_of(c, Condition::all().add(states::Column::IdentityId.eq(identity.0))).await
}

async fn features_of(c: &impl Conn, condition: Condition) -> Result<Vec<FeatureId>> {
    let rows: Vec<i32> = states::Entity::find()
        .select_only()
        .column(states::Column::FeatureId)
        .distinct()
        .filter(condition)
        .filter(states::Column::DeletedAt.is_null())
        .into_tuple()
        .all(c.raw())
        .await?;
    Ok(rows.into_iter().map(FeatureId).collect())
}

/// Removes the states and links of an environment that belong to no version, identity overrides kept.
pub async fn delete_unversioned(c: &impl Conn, environment: EnvironmentId, now: Timestamp) -> Result<()> {
    let condition = Condition::all()
        .add(states::Column::EnvironmentId.eq(environment.0))
        .add(states::Column::IdentityId.is_null())
        .add(states::Column::VersionUuid.is_null());
    delete_where(c, condition, now).await
}

/// The live version of every feature of an environment: one statement.
pub async fn list_live_versions(
    c: &impl Conn,
    environment: EnvironmentId,
    now: Timestamp,
) -> Result<HashMap<FeatureId, Uuid>> {
    let live = feature_versions::Column::Uuid.in_subquery(live_uuids(environment, now));
    let rows = feature_versions::Entity::find().filter(live).all(c.raw()).await?;
    Ok(rows
        .into_iter()
        .map(|row| (FeatureId(row.feature_id), row.uuid))
        .collect())
}
