//! What a caller has on a resource.

use crate::error::Result;
use liftgate_model::{EnvironmentPermission, OrganisationPermission, ProjectPermission, UserId};
use liftgate_store::grants::{self, Level};
use liftgate_store::{Conn, group_grants};
use std::collections::HashMap;

/// What a caller has on an organisation.
#[derive(Debug, Clone, Default)]
pub struct OrganisationGrants {
    /// Whether they belong to it.
    pub is_member: bool,
    /// Whether they administer it.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<OrganisationPermission>,
}

/// What a caller has on a project.
#[derive(Debug, Clone, Default)]
pub struct ProjectGrants {
    /// Whether they administer it, or its organisation.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<ProjectPermission>,
}

/// What a caller has on an environment.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentGrants {
    /// Whether they administer it, its project, or its organisation.
    pub is_admin: bool,
    /// What else was granted.
    pub permissions: Vec<EnvironmentPermission>,
}

impl OrganisationGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: OrganisationPermission) -> bool {
        self.is_admin || (self.is_member && self.permissions.contains(&permission))
    }
}

impl ProjectGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: ProjectPermission) -> bool {
        self.is_admin || self.permissions.contains(&permission)
    }
}

impl EnvironmentGrants {
    /// Whether the permission is there, granted or by administering.
    pub fn has(&self, permission: EnvironmentPermission) -> bool {
        self.is_admin || self.permissions.contains(&permission)
    }
}

/// What was granted to a user on one resource, to them and to their groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Granted {
    /// Whether everything was granted.
    pub is_admin: bool,
    keys: Vec<String>,
}

impl Granted {
    /// What was granted to a user on one resource, if anything was.
    pub(super) async fn on(
        conn: &impl Conn,
        level: Level,
        resource: i32,
        user: UserId,
    ) -> Result<Option<Self>> {
        let own = grants::find(conn, level, resource, user).await?;
        let of_groups = group_grants::list_for_user(conn, level, Some(resource), user).await?;
        let mut all = own
            .map(|grant| (grant.is_admin, grant.permissions))
            .into_iter()
            .chain(
                of_groups
                    .into_iter()
                    .map(|grant| (grant.is_admin, grant.permissions)),
            )
            .peekable();
        if all.peek().is_none() {
            return Ok(None);
        }
        let mut granted = Self::default();
        all.for_each(|(is_admin, keys)| granted.add(is_admin, keys));
        Ok(Some(granted))
    }

    /// What was granted to a user on every resource of a level, by the resource's id.
    pub(super) async fn everywhere(
        conn: &impl Conn,
        level: Level,
        user: UserId,
    ) -> Result<HashMap<i32, Self>> {
        let mut all: HashMap<i32, Self> = HashMap::new();
        for grant in grants::list_for_user(conn, level, user).await? {
            let granted = all.entry(grant.resource).or_default();
            granted.add(grant.is_admin, grant.permissions);
        }
        for grant in group_grants::list_for_user(conn, level, None, user).await? {
            let granted = all.entry(grant.resource).or_default();
            granted.add(grant.is_admin, grant.permissions);
        }
        Ok(all)
    }

    fn add(&mut self, is_admin: bool, keys: Vec<String>) {
        self.is_admin |= is_admin;
        self.keys.extend(keys);
    }

    /// The known permissions, each once.
    pub(super) fn permissions<P: PartialEq>(&self, parse: impl Fn(&str) -> Option<P>) -> Vec<P> {
        let mut known: Vec<P> = Vec::new();
        for permission in self.keys.iter().filter_map(|key| parse(key)) {
            if !known.contains(&permission) {
                known.push(permission);
            }
        }
        known
    }
}
