//! Reads what an environment serves from the database and publishes it into the data plane.

use crate::App;
use crate::error::{Error, Result};
use liftgate_delivery::{
    EnvironmentData, EnvironmentSnapshot, ExperimentInForce, ScheduledVersion, ServerKeyData,
};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::ExperimentStatus;
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::identity::Identity;
use liftgate_model::{EnvironmentId, Timestamp};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{
    Conn, environments, experiments, feature_states, feature_versions, features, identities, options,
    organisations, projects, segments,
};
use std::collections::HashMap;

impl App {
    /// Publishes some environments. What cannot be read now is published by the next [`App::catch_up`]; where the database
    /// does not answer it is not asked for each of them, because somebody waits.
    pub(crate) async fn publish_all(&self, ids: &[EnvironmentId]) {
        for id in ids {
            if let Err(error) = self.publish(*id).await {
                tracing::error!(environment.id = id.0, error = ?error, "environment.publish_failed");
                if matches!(error, Error::Unavailable { .. }) {
                    return;
                }
            }
        }
    }

    /// Publishes one environment; one that is gone is taken out.
    async fn publish(&self, id: EnvironmentId) -> Result<()> {
        match self.read_environment(id).await? {
            Some(data) => self
                .delivery
                .publish(EnvironmentSnapshot::build(data, &self.settings.delivery)),
            None => self.delivery.remove(id),
        }
        Ok(())
    }

    /// Everything the data plane needs of an environment as it is stored now; nothing when it is gone.
    pub(crate) async fn read_environment(&self, id: EnvironmentId) -> Result<Option<EnvironmentData>> {
        let reader = self.store.reader();
        match environments::find(&reader, id).await? {
            Some(environment) => self.environment_data(&reader, environment).await,
            None => Ok(None),
        }
    }

    /// Publishes every environment whose stored revision is not the one that is served, and takes out those that are
    /// gone. Run at the start and every second, it makes up for anything missed.
    pub async fn catch_up(&self) -> Result<()> {
        let reader = self.store.reader();
        let stored: HashMap<EnvironmentId, i64> =
            environments::list_revisions(&reader).await?.into_iter().collect();
        let served = self.delivery.stamps();
        for id in served.keys().filter(|id| !stored.contains_key(id)) {
            self.delivery.remove(*id);
        }
        let behind: Vec<EnvironmentId> = stored
            .into_iter()
            .filter(|(id, revision)| served.get(id).is_none_or(|served| served.revision < *revision))
            .map(|(id, _)| id)
            .collect();
        self.publish_all(&behind).await;
        Ok(())
    }

    /// Everything the data plane needs of an environment; nothing when its project or organisation is gone.
    pub(crate) async fn environment_data(
        &self,
        conn: &impl Conn,
        environment: Environment,
    ) -> Result<Option<EnvironmentData>> {
        let Some(project) = projects::find(conn, environment.project).await? else {
            return Ok(None);
        };
        let Some(organisation) = organisations::find(conn, project.organisation).await? else {
            return Ok(None);
        };
        // What another node, whose clock is ahead, has put into force already is in force here too.
        let now = self.clock.now().max(environment.updated_at);
        let features = features::list_all(conn, project.id).await?;
        let ids: Vec<_> = features.iter().map(|feature| feature.id).collect();
        let states = feature_states::list(conn, &StateFilter::live(&environment, now)).await?;
        let experiments = experiments::list_all(conn, environment.id).await?;
        Ok(Some(EnvironmentData {
            keys: environments::list_keys(conn, environment.id)
                .await?
                .iter()
                .map(ServerKeyData::from)
                .collect(),
            options: options::list_of(conn, &ids).await?,
            segments: segments::list_all(conn, project.id).await?,
            identity_overrides: identity_overrides(conn, &environment).await?,
            experiments: experiments
                .into_iter()
                .map(|experiment| ExperimentInForce {
                    id: experiment.id,
                    name: experiment.name,
                    feature: experiment.feature,
                    rollout_segment: experiment.rollout_segment,
                    is_running: experiment.status == ExperimentStatus::Running,
                    owns_default: experiment.rollout_segment.is_some(),
                })
                .collect(),
            scheduled: self.scheduled(conn, &environment, now).await?,
            states,
            features,
            environment,
            project,
            organisation,
        }))
    }
}

impl App {
    /// What will come into force by itself, where copies must know it: this node may then be alone.
    async fn scheduled(
        &self,
        conn: &impl Conn,
        environment: &Environment,
        now: Timestamp,
    ) -> Result<Vec<ScheduledVersion>> {
        if self.copies.is_none() || !environment.use_v2_feature_versioning {
            return Ok(Vec::new());
        }
        let versions = feature_versions::list_scheduled(conn, environment.id, now).await?;
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let mut by_version: HashMap<_, Vec<FeatureState>> = HashMap::new();
        for state in feature_states::list(conn, &StateFilter::scheduled(environment.id, now)).await? {
            if let Some(version) = state.version {
                by_version.entry(version).or_default().push(state);
            }
        }
        let scheduled = versions.into_iter().filter_map(|version| {
            Some(ScheduledVersion {
                live_from: version.live_from?,
                feature: version.feature,
                states: by_version.remove(&version.uuid)?,
            })
        });
        Ok(scheduled.collect())
    }
}

/// The identities that have overrides, with these.
async fn identity_overrides(
    conn: &impl Conn,
    environment: &Environment,
) -> Result<Vec<(Identity, Vec<FeatureState>)>> {
    let mut by_identity: HashMap<_, Vec<FeatureState>> = HashMap::new();
    for state in feature_states::list(conn, &StateFilter::identities(environment.id)).await? {
        if let Line::Identity(id) = state.line {
            by_identity.entry(id).or_default().push(state);
        }
    }
    let ids: Vec<_> = by_identity.keys().copied().collect();
    let identities = identities::list_by_ids(conn, &ids).await.map_err(Error::from)?;
    Ok(identities
        .into_iter()
        .filter_map(|identity| by_identity.remove(&identity.id).map(|states| (identity, states)))
        .collect())
}
