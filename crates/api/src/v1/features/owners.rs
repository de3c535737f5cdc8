//! Who answers for a feature.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::CreateFeature;
use liftgate_app::{App, features};
use liftgate_model::{FeatureId, GroupId, UserId};
use utoipa::ToSchema;

use super::wire::OwnedFeatureBody;
use crate::access::VisibleProject;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse, rule};
use crate::reply::Reply;

/// People.
#[derive(Debug, ToSchema)]
#[schema(as = UserIds)]
pub struct People {
    /// Their ids.
    user_ids: Vec<i32>,
}

impl Parse for People {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let user_ids = form.list("user_ids", rule::Integer::default()).required();
        Some(Self { user_ids: user_ids? })
    }
}

impl People {
    fn ids(self) -> Vec<UserId> {
        self.user_ids.into_iter().map(UserId).collect()
    }
}

/// Groups.
#[derive(Debug, ToSchema)]
#[schema(as = GroupIds)]
pub struct Groups {
    /// Their ids.
    group_ids: Vec<i32>,
}

impl Parse for Groups {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let group_ids = form.list("group_ids", rule::Integer::default()).required();
        Some(Self {
            group_ids: group_ids?,
        })
    }
}

impl Groups {
    fn ids(self) -> Vec<GroupId> {
        self.group_ids.into_iter().map(GroupId).collect()
    }
}

/// Adds owners to a feature.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/{feature_id}/add-owners/", tag = "features",
    request_body = People, responses((status = 200, body = OwnedFeatureBody)))]
pub async fn add(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<OwnedFeatureBody>, ApiError> {
    let people: People = body.parse(Mode::Create)?;
    Ok(Reply(
        features::add_owners(&app, &on, id, people.ids()).await?.into(),
    ))
}

/// Removes owners from a feature.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/{feature_id}/remove-owners/", tag = "features",
    request_body = People, responses((status = 200, body = OwnedFeatureBody)))]
pub async fn remove(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<OwnedFeatureBody>, ApiError> {
    let people: People = body.parse(Mode::Create)?;
    Ok(Reply(
        features::remove_owners(&app, &on, id, people.ids()).await?.into(),
    ))
}

/// Adds groups to the owners of a feature.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/{feature_id}/add-group-owners/", tag = "features",
    request_body = Groups, responses((status = 200, body = OwnedFeatureBody)))]
pub async fn add_groups(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<OwnedFeatureBody>, ApiError> {
    let groups: Groups = body.parse(Mode::Create)?;
    let view = features::add_group_owners(&app, &on, id, groups.ids()).await?;
    Ok(Reply(view.into()))
}

/// Removes groups from the owners of a feature.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/features/{feature_id}/remove-group-owners/",
    tag = "features", request_body = Groups, responses((status = 200, body = OwnedFeatureBody)))]
pub async fn remove_groups(
    VisibleProject(on): VisibleProject<CreateFeature>,
    State(app): State<Arc<App>>,
    PathId(id): PathId<FeatureId>,
    body: Body,
) -> Result<Reply<OwnedFeatureBody>, ApiError> {
    let groups: Groups = body.parse(Mode::Create)?;
    let view = features::remove_group_owners(&app, &on, id, groups.ids()).await?;
    Ok(Reply(view.into()))
}
