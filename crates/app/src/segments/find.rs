//! Looks one segment up.

use super::visible;
use crate::App;
use crate::access::need::ViewSegments;
use crate::access::{OnProject, Refusal};
use crate::error::{Error, Result};
use liftgate_model::SegmentId;
use liftgate_model::account::Actor;
use liftgate_model::segment::Segment;
use liftgate_store::segments;
use uuid::Uuid;

/// The segment with that id.
pub async fn find(app: &App, on: &OnProject<ViewSegments>, id: SegmentId) -> Result<Segment> {
    visible(&app.store.reader(), &on.project, id).await
}

/// The segment with that public id, in any project the caller may see; 404 in all others.
pub async fn find_by_uuid(app: &App, actor: &Actor, uuid: Uuid) -> Result<Segment> {
    let missing = || Error::missing("Segment");
    let found = segments::find_by_uuid(&app.store.reader(), uuid).await?;
    let segment = found.filter(|segment| !segment.is_system).ok_or_else(missing)?;
    let access = app.access();
    let project = access.project::<ViewSegments>(actor, segment.project, Refusal::Hide);
    match project.await {
        Ok(_) => Ok(segment),
        Err(Error::NotFound(_) | Error::Forbidden(_)) => Err(missing()),
        Err(other) => Err(other),
    }
}
