//! Lists segments.

use crate::App;
use crate::access::need::{ViewIdentities, ViewSegments};
use crate::access::{OnProject, Refusal};
use crate::error::{Error, Result};
use liftgate_model::segment::Segment;
use liftgate_model::{IdentityId, Page, SegmentId, Slice};
use liftgate_store::segments::SegmentFilter;
use liftgate_store::{environments, identities, segments};

/// What a list of segments shows.
#[derive(Debug, Clone, Default)]
pub struct ListFilter {
    /// A part of the name, in any case.
    pub name_contains: Option<String>,
    /// Leave out segments bound to one feature.
    pub without_feature_specific: bool,
    /// Only those that this identity is in.
    pub identity: Option<IdentityId>,
}

/// The segments of a project, by id.
///
/// # Errors
/// `NotFound` when the identity is not of the project, `Forbidden` when the caller may not see identities there.
pub async fn list(
    app: &App,
    on: &OnProject<ViewSegments>,
    filter: &ListFilter,
    slice: Slice,
) -> Result<Page<Segment>> {
    let only = match filter.identity {
        Some(identity) => Some(segments_of(app, on, identity).await?),
        None => None,
    };
    let stored = SegmentFilter {
        name_contains: filter.name_contains.as_deref(),
        without_feature_specific: filter.without_feature_specific,
        only: only.as_deref(),
    };
    Ok(segments::list(&app.store.reader(), on.project.id, stored, slice).await?)
}

/// The segments an identity is in.
async fn segments_of(
    app: &App,
    on: &OnProject<ViewSegments>,
    identity: IdentityId,
) -> Result<Vec<SegmentId>> {
    let missing = || Error::missing("Identity");
    let reader = app.store.reader();
    let identity = identities::list_by_ids(&reader, &[identity])
        .await?
        .pop()
        .ok_or_else(missing)?;
    let access = app.access();
    let found = access
        .environment_by_id::<ViewIdentities>(&on.actor, identity.environment, Refusal::Forbid)
        .await;
    let is_here = environments::find(&reader, identity.environment)
        .await?
        .is_some_and(|environment| environment.project == on.project.id);
    if !is_here {
        return Err(missing());
    }
    let found = found?;
    let traits = identities::list_traits(&reader, identity.id).await?;
    let data = app.environment_data(&reader, found.environment).await?;
    let data = data.ok_or_else(missing)?;
    Ok(liftgate_delivery::inspect(&data, &identity.identifier, &traits).segments)
}
