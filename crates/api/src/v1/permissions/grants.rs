//! The handlers of the grants on a resource, which are the same for projects and environments.

/// The handlers `list`, `create`, `read`, `update`, `patch` and `delete` below a path of grants: who may list them is the
/// reader's need, all else is for admins.
macro_rules! grants {
    ($guard:ident, list for $reader:ty, all at $all:literal, one at $one:literal) => {
        use std::sync::Arc;

        use axum::extract::State;
        use liftgate_app::access::need::Admin;
        use liftgate_app::{App, permissions};

        use super::wire::{GrantBody, GrantId, GrantInput, ListedGrant, NewGrantInput};
        use crate::access::$guard;
        use crate::error::ApiError;
        use crate::extract::{Body, PathId};
        use crate::form::Mode;
        use crate::reply::{Created, NoContent, Reply};

        /// The grants.
        #[utoipa::path(get, path = $all, tag = "permissions", responses((status = 200, body = Vec<ListedGrant>)))]
        pub async fn list(
            $guard(on): $guard<$reader>,
            State(app): State<Arc<App>>,
        ) -> Result<Reply<Vec<ListedGrant>>, ApiError> {
            let granted = permissions::list(&app, &on).await?;
            Ok(Reply(granted.iter().map(Into::into).collect()))
        }

        /// Grants a member of the organisation something.
        #[utoipa::path(post, path = $all, tag = "permissions", request_body = GrantInput, responses((status = 201, body = GrantBody)))]
        pub async fn create(
            $guard(on): $guard<Admin>,
            State(app): State<Arc<App>>,
            body: Body,
        ) -> Result<Created<GrantBody>, ApiError> {
            let NewGrantInput(new) = body.parse(Mode::Create)?;
            Ok(Created::new(
                permissions::create(&app, &on, new).await?.into(),
            ))
        }

        /// One grant.
        #[utoipa::path(get, path = $one, tag = "permissions", responses((status = 200, body = GrantBody)))]
        pub async fn read(
            $guard(on): $guard<Admin>,
            State(app): State<Arc<App>>,
            PathId(GrantId(id)): PathId<GrantId>,
        ) -> Result<Reply<GrantBody>, ApiError> {
            Ok(Reply(permissions::find(&app, &on, id).await?.into()))
        }

        /// Replaces what a grant gives.
        #[utoipa::path(put, path = $one, tag = "permissions", request_body = GrantInput, responses((status = 200, body = GrantBody)))]
        pub async fn update(
            $guard(on): $guard<Admin>,
            State(app): State<Arc<App>>,
            PathId(GrantId(id)): PathId<GrantId>,
            body: Body,
        ) -> Result<Reply<GrantBody>, ApiError> {
            let input: GrantInput = body.parse(Mode::Put)?;
            Ok(Reply(
                permissions::update(&app, &on, id, input.into())
                    .await?
                    .into(),
            ))
        }

        /// Replaces what a grant gives, as PUT does; the user need not be named.
        #[utoipa::path(patch, path = $one, tag = "permissions", request_body = GrantInput, responses((status = 200, body = GrantBody)))]
        pub async fn patch(
            $guard(on): $guard<Admin>,
            State(app): State<Arc<App>>,
            PathId(GrantId(id)): PathId<GrantId>,
            body: Body,
        ) -> Result<Reply<GrantBody>, ApiError> {
            let input: GrantInput = body.parse(Mode::Patch)?;
            Ok(Reply(
                permissions::update(&app, &on, id, input.into())
                    .await?
                    .into(),
            ))
        }

        /// Takes back what was granted.
        #[utoipa::path(delete, path = $one, tag = "permissions", responses((status = 204)))]
        pub async fn delete(
            $guard(on): $guard<Admin>,
            State(app): State<Arc<App>>,
            PathId(GrantId(id)): PathId<GrantId>,
        ) -> Result<NoContent, ApiError> {
            permissions::delete(&app, &on, id).await?;
            Ok(NoContent)
        }
    };
}

pub(super) use grants;
