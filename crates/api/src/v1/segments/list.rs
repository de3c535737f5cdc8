//! The segments of a project.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::access::need::ViewSegments;
use liftgate_app::segments::{self, ListFilter};
use liftgate_app::{App, Error};
use liftgate_model::IdentityId;

use super::wire::SegmentBody;
use crate::access::GuardedProject;
use crate::error::ApiError;
use crate::extract::{Page999, Query};
use crate::form::{Form, Parse};
use crate::reply::{Paged, Reply};

/// What the query says.
struct ListQuery {
    q: Option<String>,
    identity: Option<String>,
    include_feature_specific: bool,
}

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        const INCLUDE: &str = "include_feature_specific";
        let q = form.text("q").optional();
        let identity = form.text("identity").optional();
        let include = if form.has(INCLUDE) {
            form.boolean(INCLUDE).or(true)
        } else {
            Some(true)
        };
        Some(Self {
            q: q?,
            identity: identity?,
            include_feature_specific: include?,
        })
    }
}

/// The segments of a project, by id.
///
/// `q` is a part of the name; `identity` the id of an identity, of which the segments it is in are shown;
/// `include_feature_specific=false` leaves out segments bound to one feature.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/segments/", tag = "segments",
    params(("project_id" = i32, Path), ("q" = Option<String>, Query), ("identity" = Option<i32>, Query),
        ("include_feature_specific" = Option<bool>, Query), Page999),
    responses((status = 200, body = Paged<SegmentBody>)))]
pub async fn list(
    GuardedProject(on): GuardedProject<ViewSegments>,
    State(app): State<Arc<App>>,
    page: Page999,
    query: Query,
) -> Result<Reply<Paged<SegmentBody>>, ApiError> {
    let query: ListQuery = query.parse()?;
    let filter = ListFilter {
        name_contains: query.q,
        without_feature_specific: !query.include_feature_specific,
        identity: query.identity.as_deref().map(identity).transpose()?,
    };
    let found = segments::list(&app, &on, &filter, page.slice()).await?;
    page.reply(found.map(SegmentBody::from))
}

/// The id in the query; other names of identities do not exist here.
fn identity(text: &str) -> Result<IdentityId, Error> {
    let id = text.parse().map(IdentityId);
    id.map_err(|_| Error::missing("Identity"))
}
