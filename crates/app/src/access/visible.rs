//! What a caller sees of many: the lists, and what they have on one thing.

use super::Access;
use super::grants::{EnvironmentGrants, Granted};
use super::need::EnvironmentNeed;
use super::{OnEnvironment, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::project::Project;
use liftgate_model::{
    EnvironmentId, EnvironmentPermission, OrganisationId, OrganisationRole, ProjectPermission,
};
use liftgate_store::grants::Level;
use liftgate_store::{Conn, organisations, projects};

/// Everything on an environment, little or nothing: only for telling callers what they have.
struct Whatever;

impl EnvironmentNeed for Whatever {
    const WHO: &'static str = "anyone";
    fn is_met(_: &EnvironmentGrants) -> bool {
        true
    }
}

impl<C: Conn> Access<C> {
    /// The projects the caller may see, by id; of all their organisations, or of one.
    pub async fn visible_projects(
        &self,
        actor: &Actor,
        only: Option<OrganisationId>,
    ) -> Result<Vec<Project>> {
        let user = match actor {
            Actor::MasterKey(key) => {
                let wanted = only.is_none_or(|id| id == key.organisation);
                if !wanted || organisations::find(&self.conn, key.organisation).await?.is_none() {
                    return Ok(Vec::new());
                }
                return Ok(projects::list(&self.conn, &[key.organisation]).await?);
            }
            Actor::User(user) => user,
        };
        let roles = organisations::list_roles(&self.conn, user.id).await?;
        let of: Vec<_> = roles
            .keys()
            .copied()
            .filter(|id| only.is_none_or(|only| only == *id))
            .collect();
        let granted = Granted::everywhere(&self.conn, Level::Project, user.id).await?;
        let sees = |project: &Project| {
            roles.get(&project.organisation) == Some(&OrganisationRole::Admin)
                || granted.get(&project.id.0).is_some_and(|granted| {
                    granted.is_admin
                        || granted
                            .permissions(ProjectPermission::parse)
                            .contains(&ProjectPermission::ViewProject)
                })
        };
        let all = projects::list(&self.conn, &of).await?;
        Ok(all.into_iter().filter(sees).collect())
    }

    /// The environments of a project the caller may see; `None` means all of them.
    pub async fn visible_environments(
        &self,
        actor: &Actor,
        project: &Project,
    ) -> Result<Option<Vec<EnvironmentId>>> {
        if self.project_grants(actor, project).await?.is_admin {
            return Ok(None);
        }
        let member = self.organisation_grants(actor, project.organisation).await?;
        let Some(user) = actor.user().filter(|_| member.is_member) else {
            return Ok(Some(Vec::new()));
        };
        let granted = Granted::everywhere(&self.conn, Level::Environment, user.id).await?;
        let seen = granted.into_iter().filter(|(_, granted)| {
            granted.is_admin
                || granted
                    .permissions(EnvironmentPermission::parse)
                    .contains(&EnvironmentPermission::ViewEnvironment)
        });
        Ok(Some(
            seen.map(|(environment, _)| EnvironmentId(environment)).collect(),
        ))
    }

    /// What the caller has on the environment with that key; 404 for who has nothing on it and does not see its project.
    pub async fn environment_permissions(&self, actor: &Actor, api_key: &str) -> Result<EnvironmentGrants> {
        let hidden = || Error::missing("Environment");
        let found = self
            .environment::<Whatever>(actor, api_key, Refusal::Forbid)
            .await;
        let OnEnvironment {
            grants,
            project_grants,
            ..
        } = found.map_err(|error| match error {
            Error::Forbidden(_) => hidden(),
            other => other,
        })?;
        let sees = grants.is_admin
            || !grants.permissions.is_empty()
            || project_grants.has(ProjectPermission::ViewProject);
        sees.then_some(grants).ok_or_else(hidden)
    }

    /// The role of the caller in an organisation, as its representation shows it.
    pub async fn role(&self, actor: &Actor, id: OrganisationId) -> Result<Option<OrganisationRole>> {
        match actor {
            Actor::User(user) => Ok(organisations::find_role(&self.conn, id, user.id).await?),
            Actor::MasterKey(_) => {
                let grants = self.organisation_grants(actor, id).await?;
                Ok(grants.is_member.then_some(if grants.is_admin {
                    OrganisationRole::Admin
                } else {
                    OrganisationRole::User
                }))
            }
        }
    }
}
