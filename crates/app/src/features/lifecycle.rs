//! Where a feature stands in its life (contract, admin API, section 4.1).

use liftgate_model::TagId;
use liftgate_model::feature::Feature;

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
