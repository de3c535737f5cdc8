//! Lists features, filtered by what they are and by what they do in an environment.

use super::view::{self, Place};
use super::{FeatureView, LifecycleStage, Within};
use crate::App;
use crate::access::OnProject;
use crate::access::need::ViewProject;
use crate::error::{Error, Result};
use liftgate_model::feature::FeatureType;
use liftgate_model::feature_state::FeatureState;
use liftgate_model::value::parse_integer;
use liftgate_model::{FeatureId, FlagValue, IdentityId, Page, Slice, TagId};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::features::{FeatureFilter, Owners, TagFilter};
use liftgate_store::{Conn, feature_states, features};

/// Which features are asked for, and in which order. Everything that is `None` does not narrow.
#[derive(Debug, Clone, Default)]
pub struct ListFeatures {
    /// A part of the name, in any case.
    pub search: Option<String>,
    /// By name instead of by age.
    pub sort_by_name: bool,
    /// The other way round.
    pub descending: bool,
    /// With these tags; an empty list means without tags.
    pub tags: Option<Vec<TagId>>,
    /// Any of the tags is enough, instead of all.
    pub any_tag: bool,
    /// Only archived ones, or only others.
    pub is_archived: Option<bool>,
    /// Only this kind.
    pub kind: Option<FeatureType>,
    /// Only those that one of these people or groups owns.
    pub owners: Option<Owners>,
    /// Where they are seen. Features with an override of the segment come first.
    pub within: Within,
    /// Features with an override of this identity come first.
    pub identity: Option<IdentityId>,
    /// Text in the value, or a value equal to it, of the live default.
    pub value: Option<String>,
    /// Whether the live default is on.
    pub is_enabled: Option<bool>,
    /// Only those at this stage; looked at in an environment only.
    pub stage: Option<LifecycleStage>,
}

/// The features of a project that are asked for.
///
/// # Errors
/// `Invalid` when the environment is not one of the project, or is missing where it is needed.
pub async fn list(
    app: &App,
    on: &OnProject<ViewProject>,
    asked: ListFeatures,
    slice: Slice,
) -> Result<Page<FeatureView>> {
    let reader = app.store.reader();
    let place = Place::of(&reader, &on.project, asked.within, app.clock.now()).await?;
    let mut only = None;
    if asked.value.is_some() || asked.is_enabled.is_some() {
        let place = place.as_ref().ok_or_else(|| {
            Error::list("Environment is required in order to filter by state search or by state enabled")
        })?;
        only = Some(by_state(&reader, place, &asked).await?);
    }
    let mut filter = FeatureFilter {
        first: first(&reader, place.as_ref(), &asked).await?,
        name_contains: asked.search,
        tags: asked.tags.map(|tags| match (tags.is_empty(), asked.any_tag) {
            (true, _) => TagFilter::Untagged,
            (false, true) => TagFilter::Any(tags),
            (false, false) => TagFilter::All(tags),
        }),
        is_archived: asked.is_archived,
        kind: asked.kind,
        owners: asked.owners,
        only,
        is_permanent: None,
        sort_by_name: asked.sort_by_name,
        descending: asked.descending,
    };
    match asked.stage.filter(|_| place.is_some()) {
        None => {}
        Some(LifecycleStage::Permanent) => filter.is_permanent = Some(true),
        Some(LifecycleStage::New) => filter.is_permanent = Some(false),
        Some(_) => filter.only = Some(Vec::new()),
    }
    let page = features::list(&reader, on.project.id, &filter, slice).await?;
    Ok(Page {
        total: page.total,
        items: view::complete(&reader, page.items, place.as_ref()).await?,
    })
}

/// The features whose live default is as asked for.
async fn by_state(conn: &impl Conn, place: &Place, asked: &ListFeatures) -> Result<Vec<FeatureId>> {
    let filter = StateFilter {
        defaults_only: true,
        ..StateFilter::live(&place.environment, place.now)
    };
    let states = view::by_feature(feature_states::list(conn, &filter).await?);
    let fits = |state: &FeatureState| {
        asked.is_enabled.is_none_or(|enabled| state.enabled == enabled)
            && asked
                .value
                .as_deref()
                .is_none_or(|text| is_found(text, &state.value))
    };
    Ok(states
        .into_values()
        .filter(fits)
        .map(|state| state.feature)
        .collect())
}

/// Whether a text is in a text value, in any case, or says an integer or boolean value.
fn is_found(text: &str, value: &FlagValue) -> bool {
    match value {
        FlagValue::Null => false,
        FlagValue::Text(value) => value.to_lowercase().contains(&text.to_lowercase()),
        FlagValue::Integer(number) => parse_integer(text) == Some(*number),
        FlagValue::Boolean(truth) => text.eq_ignore_ascii_case(if *truth { "true" } else { "false" }),
    }
}

/// What comes first: features with an override of the segment, then with one of the identity.
async fn first(conn: &impl Conn, place: Option<&Place>, asked: &ListFeatures) -> Result<Vec<Vec<FeatureId>>> {
    let mut first = Vec::new();
    if let Some((place, segment)) = place.zip(asked.within.segment) {
        first.push(feature_states::list_overridden(conn, place.environment.id, segment).await?);
    }
    if let Some(identity) = asked.identity {
        first.push(feature_states::list_overridden_by_identity(conn, identity).await?);
    }
    Ok(first)
}
