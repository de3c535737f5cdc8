//! The members of an organisation.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::{Admin, Member};
use liftgate_app::{App, organisations};
use liftgate_model::{OrganisationRole, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Organisation;
use crate::error::ApiError;
use crate::extract::{Body, PathId, Query};
use crate::form::{Form, Mode, Parse};
use crate::reply::Reply;
use crate::v1::users::wire::MemberBody;

/// The query of the list.
struct MemberQuery {
    exclude_current: bool,
}

impl Parse for MemberQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let exclude_current = form.boolean("exclude_current").or(false);
        Some(Self {
            exclude_current: exclude_current?,
        })
    }
}

/// The role of a member.
#[derive(ToSchema)]
pub struct RoleChange {
    /// `ADMIN` or `USER`.
    #[schema(value_type = String)]
    role: Option<OrganisationRole>,
}

impl Parse for RoleChange {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let role = form.choice("role", OrganisationRole::parse).optional();
        Some(Self { role: role? })
    }
}

/// A member to be removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RemovedMember {
    id: i32,
}

impl Parse for RemovedMember {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        form.integer("id").required().map(|id| Self { id })
    }
}

/// The members.
#[utoipa::path(get, path = "/api/v1/organisations/{organisation_id}/users/", tag = "organisations",
    params(("exclude_current" = Option<bool>, Query, description = "Whether to leave out the caller.")),
    responses((status = 200, body = Vec<MemberBody>)))]
pub async fn list(
    Organisation(on): Organisation<Member>,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<Vec<MemberBody>>, ApiError> {
    let MemberQuery { exclude_current } = query.parse()?;
    let members = organisations::list_members(&app, &on, exclude_current).await?;
    Ok(Reply(members.iter().map(Into::into).collect()))
}

/// Changes the role of a member.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/users/{user_id}/update-role/",
    tag = "organisations", request_body = RoleChange, responses((status = 200, body = MemberBody)))]
pub async fn update_role(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    PathId(user): PathId<UserId>,
    body: Body,
) -> Result<Reply<MemberBody>, ApiError> {
    let RoleChange { role } = body.parse(Mode::Patch)?;
    let member = organisations::change_role(&app, &on, user, role).await?;
    Ok(Reply((&member).into()))
}

/// Ends memberships, with whatever was granted in the organisation.
#[utoipa::path(post, path = "/api/v1/organisations/{organisation_id}/remove-users/", tag = "organisations",
    request_body = Vec<RemovedMember>, responses((status = 200, body = Vec<RemovedMember>)))]
pub async fn remove(
    Organisation(on): Organisation<Admin>,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<Vec<RemovedMember>>, ApiError> {
    let given: Vec<RemovedMember> = body.parse_list(Mode::Create)?;
    let ids: Vec<UserId> = given.iter().map(|member| UserId(member.id)).collect();
    organisations::remove_members(&app, &on, &ids).await?;
    Ok(Reply(given))
}
