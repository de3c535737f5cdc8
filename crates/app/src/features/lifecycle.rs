//! Where a feature stands in its life (contract, admin API, section 4.1).

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ViewEnvironment;
use crate::error::Result;
use liftgate_model::TagId;
use liftgate_model::feature::Feature;
use liftgate_store::{features, tags};

/// A stage of a feature's life.
///
/// Without code references and stale tags only [`New`](Self::New) and [`Permanent`](Self::Permanent) occur; the others
/// can be asked for and find nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleStage {
    /// Not yet in any code that was seen.
    New,
    /// In code.
    Live,
    /// In code, unchanged for long.
    Stale,
    /// Meant to stay.
    Permanent,
    /// Gone from code, still asked for.
    NeedsMonitoring,
    /// Gone from code, no longer asked for.
    ToRemove,
}

impl LifecycleStage {
    /// Every stage, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::New,
        Self::Live,
        Self::Stale,
        Self::Permanent,
        Self::NeedsMonitoring,
        Self::ToRemove,
    ];

    /// The wire name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Live => "live",
            Self::Stale => "stale",
            Self::Permanent => "permanent",
            Self::NeedsMonitoring => "needs_monitoring",
            Self::ToRemove => "to_remove",
        }
    }

    /// The stage of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// The stage of a feature, given the permanent tags of its project.
    pub(super) fn of(feature: &Feature, permanent: &[TagId]) -> Self {
        if feature.tags.iter().any(|tag| permanent.contains(tag)) {
            Self::Permanent
        } else {
            Self::New
        }
    }
}

/// How many features of the environment's project are at each stage there, in the order of the contract.
pub async fn count_stages(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
) -> Result<[(LifecycleStage, usize); 6]> {
    let reader = app.store.reader();
    let permanent = tags::list_permanent(&reader, on.project.id).await?;
    let stages: Vec<LifecycleStage> = features::list_all(&reader, on.project.id)
        .await?
        .iter()
        .map(|feature| LifecycleStage::of(feature, &permanent))
        .collect();
    Ok(LifecycleStage::ALL.map(|stage| {
        let count = stages.iter().filter(|at| **at == stage).count();
        (stage, count)
    }))
}
