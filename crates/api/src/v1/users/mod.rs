//! People as other resources name them, and joining an organisation (contract, admin API, section 1.3).

pub mod wire;

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, accounts};

use crate::auth::UserOnly;
use crate::error::ApiError;
use crate::extract::PathText;
use crate::extract::path::TextName;
use crate::operations;
use crate::reply::Reply;
use crate::router::Routes;
use crate::v1::organisations::wire::OrganisationBody;

/// The routes of joining.
pub fn routes() -> Routes {
    operations!(join, join_by_link)
}

/// The secret part of an invitation's link, in the path.
#[derive(Debug)]
pub struct InviteHash;

impl TextName for InviteHash {
    const NAME: &'static str = "hash";
}

/// Joins the organisation of an invitation by mail.
#[utoipa::path(post, path = "/api/v1/users/join/{hash}/", tag = "users",
    responses((status = 200, body = OrganisationBody)))]
async fn join(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    hash: PathText<InviteHash>,
) -> Result<Reply<OrganisationBody>, ApiError> {
    Ok(Reply(accounts::join(&app, &user, &hash.text).await?.into()))
}

/// Joins the organisation of a link.
#[utoipa::path(post, path = "/api/v1/users/join/link/{hash}/", tag = "users",
    responses((status = 200, body = OrganisationBody)))]
async fn join_by_link(
    UserOnly(user): UserOnly,
    State(app): State<Arc<App>>,
    hash: PathText<InviteHash>,
) -> Result<Reply<OrganisationBody>, ApiError> {
    Ok(Reply(
        accounts::join_by_link(&app, &user, &hash.text).await?.into(),
    ))
}
