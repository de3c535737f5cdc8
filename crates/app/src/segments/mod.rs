//! Segments: the named sets of identities that people define in a project (contract, admin API, section 5).
//!
//! Segments that the server made for its own use are not there for any of these: they are 404.

mod associated;
mod clone;
mod create;
mod delete;
mod find;
mod list;
pub(crate) mod rules;
mod update;

pub use associated::{AssociatedFeature, associated_features};
pub use clone::clone;
pub use create::{NewSegment, create};
pub use delete::delete;
pub use find::{find, find_by_uuid};
pub use list::{ListFilter, list};
pub use rules::{CONDITIONS_MAX, RULES_DEPTH_MAX};
pub use update::{SegmentChange, update};

use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::project::Project;
use liftgate_model::segment::Segment;
use liftgate_model::{FeatureId, SegmentId};
use liftgate_store::{Conn, features, segments};

/// The audit record of something that happened to a segment. Every environment document carries every segment, so all
/// answers of the project change with it.
fn entry(segment: &Segment, log: String, change: ChangeType) -> Entry {
    let entry = Entry::in_project(log, segment.project, RelatedObject::Segment, segment.id.0, change);
    Entry {
        uuid: Some(segment.uuid),
        ..entry
    }
}

/// Notes that a segment is new.
async fn note_created(work: &mut Work<'_>, segment: &Segment) -> Result<()> {
    let log = format!("New Segment created: {}", segment.name);
    work.audit(entry(segment, log, ChangeType::Create)).await
}

/// The segment with that id that people made in a project.
async fn visible(conn: &impl Conn, project: &Project, id: SegmentId) -> Result<Segment> {
    let found = segments::find(conn, project.id, id).await?;
    found
        .filter(|segment| !segment.is_system)
        .ok_or_else(|| Error::missing("Segment"))
}

/// Refuses a feature of another project.
async fn check_feature(conn: &impl Conn, project: &Project, feature: Option<FeatureId>) -> Result<()> {
    let Some(id) = feature else { return Ok(()) };
    match features::find(conn, project.id, id).await? {
        Some(_) => Ok(()),
        None => Err(Error::unknown_pk("feature", id.0)),
    }
}
