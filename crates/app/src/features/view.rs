//! A feature with everything its representation shows.

use super::LifecycleStage;
use crate::App;
use crate::access::need::ViewProject;
use crate::access::{OnProject, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::{Actor, Group, User};
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::project::Project;
use liftgate_model::{EnvironmentId, FeatureId, GroupId, SegmentId, TagId, Timestamp, UserId};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{
    Conn, environments, feature_states, feature_versions, features, groups, options, tags, users,
};
use std::collections::HashMap;
use uuid::Uuid;

/// A feature and what belongs to it.
#[derive(Debug, Clone)]
pub struct FeatureView {
    /// The feature.
    pub feature: Feature,
    /// Its options, by id.
    pub options: Vec<MultivariateOption>,
    /// Its owners, by id.
    pub owners: Vec<User>,
    /// The groups that own it, by id.
    pub group_owners: Vec<Group>,
    /// The live default of the environment it is seen in.
    pub environment_state: Option<FeatureState>,
    /// The live override of the segment it is seen for.
    pub segment_state: Option<FeatureState>,
    /// Live segment overrides in the environment; rollouts of experiments count.
    pub segment_overrides: u64,
    /// Identity overrides in the environment.
    pub identity_overrides: u64,
    /// When its last published version was made in any environment.
    pub last_modified: Option<Timestamp>,
    /// The same in the environment it is seen in.
    pub last_modified_here: Option<Timestamp>,
    /// Where it stands; known in an environment.
    pub stage: Option<LifecycleStage>,
}

/// Where features are seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Within {
    /// An environment of the project.
    pub environment: Option<EnvironmentId>,
    /// A segment, whose overrides in that environment are shown.
    pub segment: Option<SegmentId>,
}

/// One feature of a project.
///
/// # Errors
/// `NotFound` when the project has no such feature, `Invalid` when it has no such environment.
pub async fn find<N>(app: &App, on: &OnProject<N>, id: FeatureId, within: Within) -> Result<FeatureView> {
    let reader = app.store.reader();
    let feature = super::load(&reader, on.project.id, id).await?;
    let place = Place::of(&reader, &on.project, within, app.clock.now()).await?;
    one(&reader, feature, place.as_ref()).await
}

/// The feature with that public id, in any project the caller may see.
///
/// # Errors
/// `NotFound` when there is none, or the caller may not see its project.
pub async fn find_by_uuid(app: &App, actor: &Actor, uuid: Uuid) -> Result<FeatureView> {
    let reader = app.store.reader();
    let found = features::find_by_uuid(&reader, uuid).await?;
    let feature = found.ok_or_else(|| Error::missing("Feature"))?;
    app.access()
        .project::<ViewProject>(actor, feature.project, Refusal::Hide)
        .await
        .map_err(|error| error.as_missing("Feature"))?;
    one(&reader, feature, None).await
}

/// An environment, as features are seen in it.
pub(super) struct Place {
    pub environment: Environment,
    pub segment: Option<SegmentId>,
    pub now: Timestamp,
    permanent: Vec<TagId>,
}

impl Place {
    /// The environment asked for, if one is.
    pub(super) async fn of(
        conn: &impl Conn,
        project: &Project,
        within: Within,
        now: Timestamp,
    ) -> Result<Option<Self>> {
        let Some(id) = within.environment else {
            return Ok(None);
        };
        let found = environments::find(conn, id).await?;
        let environment = found
            .filter(|environment| environment.project == project.id)
            .ok_or_else(|| Error::unknown_pk("environment", id.0))?;
        Ok(Some(Self {
            environment,
            segment: within.segment,
            now,
            permanent: tags::list_permanent(conn, project.id).await?,
        }))
    }
}

/// One feature, completed.
pub(super) async fn one(conn: &impl Conn, feature: Feature, place: Option<&Place>) -> Result<FeatureView> {
    let mut views = complete(conn, vec![feature], place).await?;
    views.pop().ok_or_else(|| Error::missing("Feature"))
}

/// Gives features what belongs to them, in a constant number of statements.
pub(super) async fn complete(
    conn: &impl Conn,
    features: Vec<Feature>,
    place: Option<&Place>,
) -> Result<Vec<FeatureView>> {
    let ids: Vec<FeatureId> = features.iter().map(|feature| feature.id).collect();
    let mut options = options::list_of(conn, &ids).await?;
    let mut owner_ids: Vec<UserId> = features
        .iter()
        .flat_map(|feature| feature.owners.clone())
        .collect();
    owner_ids.sort_unstable();
    owner_ids.dedup();
    let owners: HashMap<UserId, User> = users::list_by_ids(conn, &owner_ids)
        .await?
        .into_iter()
        .map(|user| (user.id, user))
        .collect();
    let mut group_ids: Vec<GroupId> = features
        .iter()
        .flat_map(|feature| feature.group_owners.clone())
        .collect();
    group_ids.sort_unstable();
    group_ids.dedup();
    let owning = groups::list_by_ids(conn, &group_ids).await?;
    let modified = feature_versions::last_published(conn, &ids, None).await?;
    let mut views: Vec<FeatureView> = features
        .into_iter()
        .map(|feature| FeatureView {
            options: options.remove(&feature.id).unwrap_or_default(),
            owners: feature
                .owners
                .iter()
                .filter_map(|id| owners.get(id).cloned())
                .collect(),
            group_owners: owning
                .iter()
                .filter(|group| feature.group_owners.contains(&group.id))
                .cloned()
                .collect(),
            environment_state: None,
            segment_state: None,
            segment_overrides: 0,
            identity_overrides: 0,
            last_modified: modified.get(&feature.id).copied(),
            last_modified_here: None,
            stage: None,
            feature,
        })
        .collect();
    if let Some(place) = place {
        locate(conn, &mut views, &ids, place).await?;
    }
    Ok(views)
}

/// Adds what is known only in an environment.
async fn locate(conn: &impl Conn, views: &mut [FeatureView], ids: &[FeatureId], place: &Place) -> Result<()> {
    let environment = &place.environment;
    let filter = StateFilter {
        defaults_only: true,
        ..StateFilter::live(environment, place.now).of(ids)
    };
    let mut defaults = by_feature(feature_states::list(conn, &filter).await?);
    let mut overrides = match place.segment {
        None => HashMap::new(),
        Some(segment) => {
            let segments = [segment];
            let filter = StateFilter {
                segments: Some(&segments),
                ..StateFilter::live(environment, place.now).of(ids)
            };
            by_feature(feature_states::list(conn, &filter).await?)
        }
    };
    let counts = feature_states::count_overrides(conn, environment, ids, place.now).await?;
    let modified = feature_versions::last_published(conn, ids, Some(environment.id)).await?;
    for view in views {
        let id = view.feature.id;
        view.environment_state = defaults.remove(&id);
        view.segment_state = overrides.remove(&id);
        let counts = counts.get(&id).copied().unwrap_or_default();
        view.segment_overrides = counts.segments;
        view.identity_overrides = counts.identities;
        view.last_modified_here = modified.get(&id).copied();
        view.stage = Some(LifecycleStage::of(&view.feature, &place.permanent));
    }
    Ok(())
}

/// States by feature; of several, the last made.
pub(super) fn by_feature(states: Vec<FeatureState>) -> HashMap<FeatureId, FeatureState> {
    states
        .into_iter()
        .filter(|state| !matches!(state.line, Line::Identity(_)))
        .map(|state| (state.feature, state))
        .collect()
}
