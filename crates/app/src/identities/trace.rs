//! Why the flags of an identity are what they are.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::TraceIdentities;
use crate::error::{Error, Result};
use crate::segments::rules::conditions;
use liftgate_delivery::{EnvironmentData, TracedFlag};
use liftgate_model::feature_state::Line;
use liftgate_model::identity::Trait;
use liftgate_store::identities;
use std::collections::{HashMap, HashSet};

/// How many conditions are traced at the most, over all flags: each is told with what it compared.
const TRACED_CONDITIONS: usize = 20_000;

/// The flags of an identity, each with its trace.
#[derive(Debug, Clone)]
pub struct TracedIdentity {
    /// Whether there is such an identity; SDKs may ask for any.
    pub is_stored: bool,
    /// The stored traits, which the flags are evaluated with.
    pub traits: Vec<Trait>,
    /// The flags, ascending by feature id, those that are hidden from some callers too.
    pub flags: Vec<TracedFlag>,
}

/// Traces what an SDK gets that names this identifier and sends no traits; with a name only that feature, whatever its
/// case. Nothing is stored.
///
/// # Errors
/// `NotFound` when there is no such feature; `Invalid` when there is too much to tell.
pub async fn trace(
    app: &App,
    on: &OnEnvironment<TraceIdentities>,
    identifier: &str,
    feature_name: Option<&str>,
) -> Result<TracedIdentity> {
    let reader = app.store.reader();
    let identity = identities::find_by_identifier(&reader, on.environment.id, identifier).await?;
    let traits = match &identity {
        Some(identity) => identities::list_traits(&reader, identity.id).await?,
        None => Vec::new(),
    };
    let data = app.environment_data(&reader, on.environment.clone()).await?;
    let mut data = data.ok_or_else(|| Error::missing("Environment"))?;
    if let Some(name) = feature_name.map(str::to_lowercase) {
        data.features
            .retain(|feature| feature.name.to_lowercase() == name);
    }
    if traced_conditions(&data) > TRACED_CONDITIONS {
        return Err(Error::detail(format!(
            "A trace tells of {TRACED_CONDITIONS} conditions at the most. Name one feature, as `feature`."
        )));
    }
    let flags = liftgate_delivery::trace(&data, &app.settings.delivery, identifier, &traits);
    if feature_name.is_some() && flags.is_empty() {
        return Err(Error::missing("Feature"));
    }
    Ok(TracedIdentity {
        is_stored: identity.is_some(),
        traits,
        flags,
    })
}

/// The conditions of all segment overrides of the features.
fn traced_conditions(data: &EnvironmentData) -> usize {
    let features: HashSet<_> = data.features.iter().map(|feature| feature.id).collect();
    let by_segment: HashMap<_, _> = data
        .segments
        .iter()
        .map(|segment| (segment.id, conditions(&segment.rules)))
        .collect();
    let of_state = |line| match line {
        Line::Segment(segment) => by_segment.get(&segment).copied().unwrap_or_default(),
        Line::Default | Line::Identity(_) => 0,
    };
    let states = data
        .states
        .iter()
        .filter(|state| features.contains(&state.feature));
    states.map(|state| of_state(state.line)).sum()
}
