//! Reads the links of segment overrides.

use crate::App;
use crate::access::need::{ManageSegmentOverrides, ViewProject};
use crate::access::{OnEnvironment, Refusal};
use crate::error::{Error, Result};
use liftgate_model::account::Actor;
use liftgate_model::feature_state::FeatureSegment;
use liftgate_model::segment::Segment;
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, Page, SegmentId, Slice};
use liftgate_store::{Conn, environments, feature_segments, feature_versions, features, segments};
use std::collections::HashMap;
use uuid::Uuid;

/// A link with its segment.
#[derive(Debug, Clone)]
pub struct OverrideLink {
    /// The link.
    pub link: FeatureSegment,
    /// The segment.
    pub segment: Segment,
}

pub(super) const MODEL: &str = "FeatureSegment";

/// The live links of a feature in an environment, strongest first. What the caller may not see is an empty list.
pub async fn list(
    app: &App,
    actor: &Actor,
    environment: EnvironmentId,
    feature: FeatureId,
    slice: Slice,
) -> Result<Page<OverrideLink>> {
    let nothing = Page {
        total: 0,
        items: Vec::new(),
    };
    let reader = app.store.reader();
    let Some(environment) = environments::find(&reader, environment).await? else {
        return Ok(nothing);
    };
    let project = app
        .access()
        .project::<ViewProject>(actor, environment.project, Refusal::Hide)
        .await;
    match project {
        Err(Error::NotFound(_)) => return Ok(nothing),
        other => other?,
    };
    if features::find(&reader, environment.project, feature)
        .await?
        .is_none()
    {
        return Ok(nothing);
    }
    let version = if environment.use_v2_feature_versioning {
        let now = app.clock.now();
        let Some(live) = feature_versions::find_live(&reader, environment.id, feature, now).await? else {
            return Ok(nothing);
        };
        Some(live.uuid)
    } else {
        None
    };
    let links = feature_segments::list(&reader, environment.id, feature, version).await?;
    let page = Page::cut(links, slice);
    Ok(Page {
        total: page.total,
        items: complete(&reader, page.items).await?,
    })
}

/// The link with that id.
///
/// # Errors
/// `NotFound` when there is none in a project the caller may see; `Forbidden` when they may not write segment overrides.
pub async fn find(app: &App, actor: &Actor, id: FeatureSegmentId) -> Result<OverrideLink> {
    let reader = app.store.reader();
    let found = feature_segments::find(&reader, id).await?;
    let (link, _) = writable(app, actor, found).await?;
    one(&reader, link).await
}

/// The link with that public id, in any project the caller may see.
///
/// # Errors
/// `NotFound` when there is none, or the caller may not see its project.
pub async fn find_by_uuid(app: &App, actor: &Actor, uuid: Uuid) -> Result<OverrideLink> {
    let reader = app.store.reader();
    let found = feature_segments::find_by_uuid(&reader, uuid).await?;
    let link = visible(app, actor, found).await?;
    one(&reader, link).await
}

/// A link in a project the caller may see.
async fn visible(app: &App, actor: &Actor, found: Option<FeatureSegment>) -> Result<FeatureSegment> {
    let link = found.ok_or_else(|| Error::missing(MODEL))?;
    let feature = features::find_by_id(&app.store.reader(), link.feature).await?;
    let feature = feature.ok_or_else(|| Error::missing(MODEL))?;
    app.access()
        .project::<ViewProject>(actor, feature.project, Refusal::Hide)
        .await
        .map_err(|error| error.as_missing(MODEL))?;
    Ok(link)
}

/// A link the caller may change.
pub(super) async fn writable(
    app: &App,
    actor: &Actor,
    found: Option<FeatureSegment>,
) -> Result<(FeatureSegment, OnEnvironment<ManageSegmentOverrides>)> {
    let link = visible(app, actor, found).await?;
    let on = app
        .access()
        .environment_by_id(actor, link.environment, Refusal::Forbid)
        .await?;
    Ok((link, on))
}

/// A link with its segment.
pub(super) async fn one(conn: &impl Conn, link: FeatureSegment) -> Result<OverrideLink> {
    let found = complete(conn, vec![link]).await?.pop();
    found.ok_or_else(|| Error::missing(MODEL))
}

/// Links with their segments, in their order.
pub(super) async fn complete(conn: &impl Conn, links: Vec<FeatureSegment>) -> Result<Vec<OverrideLink>> {
    let ids: Vec<SegmentId> = links.iter().map(|link| link.segment).collect();
    let segments: HashMap<SegmentId, Segment> = segments::list_by_ids(conn, &ids)
        .await?
        .into_iter()
        .map(|segment| (segment.id, segment))
        .collect();
    Ok(links
        .into_iter()
        .filter_map(|link| {
            let segment = segments.get(&link.segment)?.clone();
            Some(OverrideLink { link, segment })
        })
        .collect())
}
