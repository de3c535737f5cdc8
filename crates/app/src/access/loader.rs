//! The one place that decides about access.

use super::grants::{EnvironmentGrants, Granted, OrganisationGrants, ProjectGrants};
use super::need::{EnvironmentNeed, OrganisationNeed, ProjectNeed};
use super::{OnEnvironment, OnOrganisation, OnProject, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::environment::Environment;
use liftgate_model::project::Project;
use liftgate_model::{
    EnvironmentId, EnvironmentPermission, OrganisationId, OrganisationPermission, OrganisationRole,
    ProjectId, ProjectPermission,
};
use liftgate_store::grants::Level;
use liftgate_store::{Conn, environments, organisations, projects};
use std::marker::PhantomData;
use uuid::Uuid;

/// Loads resources for a caller, or refuses.
pub struct Access<C> {
    pub(super) conn: C,
}

impl<C: Conn> Access<C> {
    /// A loader that reads from a connection.
    pub fn new(conn: C) -> Self {
        Self { conn }
    }

    /// The organisation with that id. Everything is refused with 403: whether it exists is not told.
    pub async fn organisation<N: OrganisationNeed>(
        &self,
        actor: &Actor,
        id: OrganisationId,
    ) -> Result<OnOrganisation<N>> {
        let organisation = organisations::find(&self.conn, id)
            .await?
            .ok_or_else(Error::forbidden)?;
        let grants = self.organisation_grants(actor, id).await?;
        if !N::is_met(&grants) {
            return Err(Error::forbidden());
        }
        Ok(OnOrganisation {
            actor: actor.clone(),
            organisation,
            grants,
            need: PhantomData,
        })
    }

    /// The organisation with that public id; 404 when it is not there or the caller does not belong to it.
    pub async fn organisation_by_uuid<N: OrganisationNeed>(
        &self,
        actor: &Actor,
        uuid: Uuid,
    ) -> Result<OnOrganisation<N>> {
        let missing = || Error::missing("Organisation");
        let found = organisations::find_by_uuid(&self.conn, uuid)
            .await?
            .ok_or_else(missing)?;
        self.organisation(actor, found.id)
            .await
            .map_err(|error| match error {
                Error::Forbidden(_) => missing(),
                other => other,
            })
    }

    /// The project with that id.
    pub async fn project<N: ProjectNeed>(
        &self,
        actor: &Actor,
        id: ProjectId,
        refusal: Refusal,
    ) -> Result<OnProject<N>> {
        let found = projects::find(&self.conn, id).await?;
        self.found_project(actor, found, refusal).await
    }

    /// The project with that public id; 404 when it is not there or not visible.
    pub async fn project_by_uuid<N: ProjectNeed>(&self, actor: &Actor, uuid: Uuid) -> Result<OnProject<N>> {
        let found = projects::find_by_uuid(&self.conn, uuid).await?;
        self.found_project(actor, found, Refusal::Hide).await
    }

    async fn found_project<N: ProjectNeed>(
        &self,
        actor: &Actor,
        found: Option<Project>,
        refusal: Refusal,
    ) -> Result<OnProject<N>> {
        let hidden = || refused(refusal, "Project");
        let project = found.ok_or_else(hidden)?;
        let grants = self.project_grants(actor, &project).await?;
        if refusal != Refusal::Forbid && !grants.has(ProjectPermission::ViewProject) {
            return Err(hidden());
        }
        if !N::is_met(&grants) {
            return Err(Error::forbidden());
        }
        Ok(OnProject {
            actor: actor.clone(),
            project,
            grants,
            need: PhantomData,
        })
    }

    /// The environment with that client-side key.
    pub async fn environment<N: EnvironmentNeed>(
        &self,
        actor: &Actor,
        api_key: &str,
        refusal: Refusal,
    ) -> Result<OnEnvironment<N>> {
        let found = environments::find_by_key(&self.conn, api_key).await?;
        self.found_environment(actor, found, refusal).await
    }

    /// The environment with that id.
    pub async fn environment_by_id<N: EnvironmentNeed>(
        &self,
        actor: &Actor,
        id: EnvironmentId,
        refusal: Refusal,
    ) -> Result<OnEnvironment<N>> {
        let found = environments::find(&self.conn, id).await?;
        self.found_environment(actor, found, refusal).await
    }

    /// The environment with that public id; 404 when it is not there or not visible.
    pub async fn environment_by_uuid<N: EnvironmentNeed>(
        &self,
        actor: &Actor,
        uuid: Uuid,
    ) -> Result<OnEnvironment<N>> {
        let found = environments::find_by_uuid(&self.conn, uuid).await?;
        self.found_environment(actor, found, Refusal::Hide).await
    }

    async fn found_environment<N: EnvironmentNeed>(
        &self,
        actor: &Actor,
        found: Option<Environment>,
        refusal: Refusal,
    ) -> Result<OnEnvironment<N>> {
        let hidden = || refused(refusal, "Environment");
        let environment = found.ok_or_else(hidden)?;
        let project = projects::find(&self.conn, environment.project)
            .await?
            .ok_or_else(hidden)?;
        let project_grants = self.project_grants(actor, &project).await?;
        let grants = self
            .environment_grants(actor, &environment, &project_grants, project.organisation)
            .await?;
        let sees_environment = grants.has(EnvironmentPermission::ViewEnvironment);
        let is_told = match refusal {
            Refusal::Hide => sees_environment,
            Refusal::HideProject => sees_environment || project_grants.has(ProjectPermission::ViewProject),
            Refusal::Forbid => true,
        };
        if !is_told {
            return Err(hidden());
        }
        if !N::is_met(&grants) {
            return Err(Error::forbidden());
        }
        Ok(OnEnvironment {
            actor: actor.clone(),
            environment,
            project,
            grants,
            project_grants,
            need: PhantomData,
        })
    }

    /// What a caller has on an organisation.
    pub async fn organisation_grants(&self, actor: &Actor, id: OrganisationId) -> Result<OrganisationGrants> {
        let user = match actor {
            Actor::MasterKey(key) => {
                let own = key.organisation == id;
                let is_admin = own && key.is_admin;
                return Ok(OrganisationGrants {
                    is_member: own,
                    is_admin,
                    permissions: Vec::new(),
                });
            }
            Actor::User(user) => user,
        };
        let Some(role) = organisations::find_role(&self.conn, id, user.id).await? else {
            return Ok(OrganisationGrants::default());
        };
        if role == OrganisationRole::Admin {
            return Ok(OrganisationGrants {
                is_member: true,
                is_admin: true,
                permissions: Vec::new(),
            });
        }
        let granted = Granted::on(&self.conn, Level::Organisation, id.0, user.id).await?;
        let permissions = granted.map_or_else(Vec::new, |granted| {
            granted.permissions(OrganisationPermission::parse)
        });
        Ok(OrganisationGrants {
            is_member: true,
            is_admin: false,
            permissions,
        })
    }

    /// What a caller has on a project. A grant without membership of the organisation counts for nothing.
    pub async fn project_grants(&self, actor: &Actor, project: &Project) -> Result<ProjectGrants> {
        let organisation = self.organisation_grants(actor, project.organisation).await?;
        if organisation.is_admin {
            return Ok(ProjectGrants {
                is_admin: true,
                permissions: Vec::new(),
            });
        }
        let Some(user) = actor.user().filter(|_| organisation.is_member) else {
            return Ok(ProjectGrants::default());
        };
        let granted = Granted::on(&self.conn, Level::Project, project.id.0, user.id).await?;
        Ok(
            granted.map_or_else(ProjectGrants::default, |granted| ProjectGrants {
                is_admin: granted.is_admin,
                permissions: granted.permissions(ProjectPermission::parse),
            }),
        )
    }

    /// What a caller has on an environment.
    async fn environment_grants(
        &self,
        actor: &Actor,
        environment: &Environment,
        project: &ProjectGrants,
        organisation: OrganisationId,
    ) -> Result<EnvironmentGrants> {
        if project.is_admin {
            return Ok(EnvironmentGrants {
                is_admin: true,
                permissions: Vec::new(),
            });
        }
        let Some(user) = actor.user() else {
            return Ok(EnvironmentGrants::default());
        };
        let Some(granted) = Granted::on(&self.conn, Level::Environment, environment.id.0, user.id).await?
        else {
            return Ok(EnvironmentGrants::default());
        };
        if !self.organisation_grants(actor, organisation).await?.is_member {
            return Ok(EnvironmentGrants::default());
        }
        Ok(EnvironmentGrants {
            is_admin: granted.is_admin,
            permissions: granted.permissions(EnvironmentPermission::parse),
        })
    }
}

/// What is not there, or must look so.
fn refused(refusal: Refusal, model: &'static str) -> Error {
    match refusal {
        Refusal::Hide | Refusal::HideProject => Error::missing(model),
        Refusal::Forbid => Error::forbidden(),
    }
}
