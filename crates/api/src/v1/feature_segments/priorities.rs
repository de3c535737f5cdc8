//! Which override wins.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, overrides};
use liftgate_model::FeatureSegmentId;
use utoipa::ToSchema;

use super::wire::LinkBody;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::Body;
use crate::form::{Form, Mode, Parse};
use crate::reply::Reply;

/// The priority of a link.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureSegmentPriority)]
pub struct PriorityInput {
    /// The id of the link.
    id: i32,
    /// 0 is the strongest.
    #[schema(minimum = 0)]
    priority: i32,
}

impl Parse for PriorityInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let id = form.integer("id").required();
        let priority = form.integer("priority").min(0).required();
        Some(Self {
            id: id?,
            priority: priority?,
        })
    }
}

/// Gives links of one flag the priorities asked for, and answers them in their new order.
#[utoipa::path(post, path = "/api/v1/features/feature-segments/update-priorities/", tag = "feature-segments",
    request_body = Vec<PriorityInput>, responses((status = 200, body = Vec<LinkBody>)))]
pub async fn update(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<Vec<LinkBody>>, ApiError> {
    let input: Vec<PriorityInput> = body.parse_list(Mode::Create)?;
    let wanted: Vec<_> = input
        .into_iter()
        .map(|link| (FeatureSegmentId(link.id), link.priority))
        .collect();
    let links = overrides::reorder(&app, &actor, &wanted).await?;
    Ok(Reply(links.into_iter().map(Into::into).collect()))
}
