//! A flag as a whole: its default and its segment overrides, read and written together (contract, admin API,
//! section 4.7: `/api/__future__/`).

use super::change::{Change, Shares, exceed_whole};
use super::editor::FlagEditor;
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::WriteFlags;
use crate::error::{Error, Invalid, Missing, Result};
use crate::work::Work;
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, FeatureType};
use liftgate_model::feature_state::{FeatureState, Line};
use liftgate_model::segment::Segment;
use liftgate_model::{EnvironmentPermission, FeatureId, FlagValue, OptionId, SegmentId, Timestamp};
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::{Conn, features, options, segments};
use serde_json::{Map, Value, json};

/// What a flag does in an environment, identities aside.
#[derive(Debug, Clone)]
pub struct WholeFlag {
    /// For everybody.
    pub default: FeatureState,
    /// For segments, strongest first.
    pub overrides: Vec<FeatureState>,
}

/// What to write of a flag. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct WholeChange {
    /// The default.
    pub default: Option<StateChange>,
    /// Segment overrides, each segment once.
    pub overrides: Option<Vec<OverrideChange>>,
}

/// What to write of a state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateChange {
    /// On or off.
    pub enabled: Option<bool>,
    /// The value.
    pub value: Option<FlagValue>,
    /// The shares of all options.
    pub weights: Option<Vec<(OptionId, f64)>>,
}

/// What to write of a segment override.
#[derive(Debug, Clone)]
pub struct OverrideChange {
    /// A segment of the project.
    pub segment: SegmentId,
    /// Its priority. A new override without one has its place in the list.
    pub priority: Option<i32>,
    /// The state.
    pub state: StateChange,
}

/// Refuses a caller who may not write the parts of a flag they named.
///
/// # Errors
/// `Forbidden`.
pub fn permit(on: &OnEnvironment<WriteFlags>, default: bool, overrides: bool) -> Result<()> {
    let may = |permission| on.grants.has(permission);
    let refused = (default && !may(EnvironmentPermission::UpdateFeatureState))
        || (overrides && !may(EnvironmentPermission::ManageSegmentOverrides));
    if refused { Err(Error::forbidden()) } else { Ok(()) }
}

/// What a flag does.
///
/// # Errors
/// `NotFound` when the project has no such feature.
pub async fn read<N>(app: &App, on: &OnEnvironment<N>, feature: FeatureId) -> Result<WholeFlag> {
    let reader = app.store.reader();
    let feature = find(&reader, &on.environment, feature).await?;
    view(&reader, &on.environment, &feature, app.clock.now()).await
}

/// Writes parts of a flag; with `replace`, what a part leaves out is reset. A versioned environment gets one new version,
/// unless nothing is written.
///
/// # Errors
/// `NotFound` when the project has no such feature; `Conflict` where flags may only change by change request; `Forbidden`
/// as [`permit`]; `Invalid` in the shape of the body.
pub async fn change(
    app: &App,
    on: &OnEnvironment<WriteFlags>,
    feature: FeatureId,
    change: WholeChange,
    replace: bool,
) -> Result<WholeFlag> {
    permit(on, change.default.is_some(), change.overrides.is_some())?;
    let environment = &on.environment;
    let mut work = app.begin(&on.actor).await?;
    let feature = find(&work.tx, environment, feature).await?;
    refuse_change_requests(environment)?;
    let segments = check(&work, &feature, &change, replace).await?;
    if !writes(&change, replace) {
        return view(&work.tx, environment, &feature, work.now).await;
    }
    let mut editor = FlagEditor::open(&mut work, environment, &feature).await?;
    if let Some(default) = change.default {
        let change = Change {
            enabled: default.enabled.or(replace.then_some(false)),
            value: default.value.or(replace.then_some(FlagValue::Null)),
            shares: default.weights.map(Shares::Merge),
        };
        editor.change_default(change).await?;
    }
    if let Some(overrides) = change.overrides {
        write_overrides(&mut editor, &segments, overrides, replace).await?;
    }
    editor.publish(None).await?;
    let shown = view(&work.tx, environment, &feature, work.now).await?;
    work.commit().await?;
    Ok(shown)
}

/// Removes the override of a segment.
///
/// # Errors
/// As [`change`], and `NotFound` when there is no override.
pub async fn delete_override(
    app: &App,
    on: &OnEnvironment<WriteFlags>,
    feature: FeatureId,
    segment: SegmentId,
) -> Result<WholeFlag> {
    permit(on, false, true)?;
    let environment = &on.environment;
    let mut work = app.begin(&on.actor).await?;
    let feature = find(&work.tx, environment, feature).await?;
    refuse_change_requests(environment)?;
    let missing = || Error::NotFound(Missing::Text("Segment override not found.".into()));
    let segment = segments::find(&work.tx, feature.project, segment).await?;
    let segment = segment.ok_or_else(missing)?;
    let mut editor = FlagEditor::open(&mut work, environment, &feature).await?;
    if editor.find(Line::Segment(segment.id)).is_none() {
        return Err(missing());
    }
    editor.delete_override(&segment).await?;
    editor.publish(None).await?;
    let shown = view(&work.tx, environment, &feature, work.now).await?;
    work.commit().await?;
    Ok(shown)
}

fn refuse_change_requests(environment: &Environment) -> Result<()> {
    if environment.minimum_change_request_approvals.is_none() {
        return Ok(());
    }
    Err(Error::Conflict {
        detail: "Cannot update flags in an environment with change requests enabled.".into(),
        code: Some("change_requests_enabled"),
    })
}

async fn find(conn: &impl Conn, environment: &Environment, id: FeatureId) -> Result<Feature> {
    let found = features::find(conn, environment.project, id).await?;
    found.ok_or(Error::NotFound(Missing::Plain))
}

async fn view(
    conn: &impl Conn,
    environment: &Environment,
    feature: &Feature,
    now: Timestamp,
) -> Result<WholeFlag> {
    let ids = [feature.id];
    let states = feature_states::list(conn, &StateFilter::live(environment, now).of(&ids)).await?;
    let (mut overrides, mut defaults): (Vec<_>, Vec<_>) = states
        .into_iter()
        .partition(|state| state.feature_segment.is_some());
    overrides.sort_by_key(|state| {
        state
            .feature_segment
            .as_ref()
            .map(|link| (link.priority, link.segment))
    });
    Ok(WholeFlag {
        default: defaults.pop().ok_or(Error::NotFound(Missing::Plain))?,
        overrides,
    })
}

/// Whether anything is written at all.
fn writes(change: &WholeChange, replace: bool) -> bool {
    if replace {
        return change.default.is_some() || change.overrides.is_some();
    }
    let says_something = |state: &StateChange| *state != StateChange::default();
    change.default.as_ref().is_some_and(says_something)
        || change
            .overrides
            .as_ref()
            .is_some_and(|overrides| !overrides.is_empty())
}

/// Writes the overrides, the default being written already: what they leave out they take from it.
async fn write_overrides(
    editor: &mut FlagEditor<'_, '_>,
    segments: &[Segment],
    overrides: Vec<OverrideChange>,
    replace: bool,
) -> Result<()> {
    if replace {
        let listed = |id| overrides.iter().any(|wanted| wanted.segment == id);
        for segment in segments.iter().filter(|segment| !listed(segment.id)) {
            editor.delete_override(segment).await?;
        }
    }
    let default = editor.find(Line::Default).cloned();
    let default = default.ok_or(Error::NotFound(Missing::Plain))?;
    let inherited: Vec<_> = default
        .allocations
        .iter()
        .map(|share| (share.option, share.percentage))
        .collect();
    for (position, wanted) in overrides.into_iter().enumerate() {
        let Some(segment) = segments.iter().find(|segment| segment.id == wanted.segment) else {
            continue;
        };
        let StateChange {
            enabled,
            value,
            weights,
        } = wanted.state;
        if editor.find(Line::Segment(segment.id)).is_none() {
            let last = i32::try_from(position).unwrap_or(i32::MAX);
            let made = editor.create_override_at(
                segment,
                wanted.priority.unwrap_or(last),
                enabled.unwrap_or(default.enabled),
                value.unwrap_or_else(|| default.value.clone()),
                weights.unwrap_or_else(|| inherited.clone()),
            );
            made.await?;
            continue;
        }
        let change = Change {
            enabled: enabled.or(replace.then_some(default.enabled)),
            value: value.or_else(|| replace.then(|| default.value.clone())),
            shares: weights
                .or_else(|| replace.then(|| inherited.clone()))
                .map(Shares::Merge),
        };
        editor.change_override(segment, change).await?;
        if let Some(priority) = wanted.priority {
            editor.change_priority(segment.id, priority).await?;
        }
    }
    let links = editor.links().await?;
    let twice = links.windows(2).find(|pair| pair[0].priority == pair[1].priority);
    match twice {
        Some(pair) => Err(Error::detail(format!(
            "Duplicate priority: {}.",
            pair[0].priority
        ))),
        None => Ok(()),
    }
}

/// Refuses what the feature and its project do not have; answers the segments there are.
async fn check(
    work: &Work<'_>,
    feature: &Feature,
    change: &WholeChange,
    replace: bool,
) -> Result<Vec<Segment>> {
    let known: Vec<OptionId> = options::list(&work.tx, feature.id)
        .await?
        .into_iter()
        .map(|option| option.id)
        .collect();
    let segments = segments::list_all(&work.tx, feature.project).await?;
    let mut faults = Map::new();
    if let Some(default) = &change.default {
        let fault = match &default.weights {
            Some(weights) => weights_fault(feature, &known, weights),
            None if replace && feature.kind == FeatureType::Multivariate => Some(INCOMPLETE),
            None => None,
        };
        if let Some(fault) = fault {
            faults.insert("environment_default".into(), json!({"variants": [fault]}));
        }
    }
    if let Some(overrides) = &change.overrides {
        let complaints: Vec<Value> = overrides
            .iter()
            .map(|wanted| override_fault(feature, &known, &segments, wanted))
            .collect();
        let mut ids: Vec<SegmentId> = overrides.iter().map(|wanted| wanted.segment).collect();
        ids.sort_unstable();
        if complaints.iter().any(|complaint| complaint != &json!({})) {
            faults.insert("segment_overrides".into(), Value::from(complaints));
        } else if let Some([twice, ..]) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("Duplicate segment: {twice}.");
            faults.insert("segment_overrides".into(), json!([message]));
        }
    }
    if faults.is_empty() {
        Ok(segments)
    } else {
        Err(Error::Invalid(Invalid::Fields(faults)))
    }
}

const INCOMPLETE: &str = "Must include all feature's variants.";

/// What speaks against one override, by field.
fn override_fault(
    feature: &Feature,
    known: &[OptionId],
    segments: &[Segment],
    wanted: &OverrideChange,
) -> Value {
    let mut fault = Map::new();
    if !segments.iter().any(|segment| segment.id == wanted.segment) {
        fault.insert("segment".into(), json!({"id": ["Segment not found."]}));
    }
    let weights = wanted.state.weights.as_deref();
    if let Some(message) = weights.and_then(|weights| weights_fault(feature, known, weights)) {
        fault.insert("variants".into(), json!([message]));
    }
    Value::Object(fault)
}

/// What speaks against shares.
fn weights_fault(feature: &Feature, known: &[OptionId], weights: &[(OptionId, f64)]) -> Option<&'static str> {
    if feature.kind != FeatureType::Multivariate {
        return Some("Feature is not multivariate.");
    }
    if weights.iter().any(|(option, _)| !known.contains(option)) {
        return Some("Variant not found.");
    }
    let given = |id: &OptionId| weights.iter().filter(|(option, _)| option == id).count();
    if known.iter().any(|id| given(id) == 0) {
        return Some(INCOMPLETE);
    }
    if known.iter().any(|id| given(id) > 1) {
        return Some("Variants must be unique.");
    }
    exceed_whole(weights.iter().map(|(_, weight)| *weight)).then_some("Total weight must not exceed 100.")
}
