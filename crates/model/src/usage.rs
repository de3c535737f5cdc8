//! Usage: requests of SDKs and evaluations of features, counted by day.

use crate::{EnvironmentId, FeatureId, Timestamp};

const DAY_US: i64 = 86_400_000_000;

/// A day in UTC: days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day of a time.
    pub fn of(time: Timestamp) -> Self {
        Self(time.0.div_euclid(DAY_US))
    }

    /// So many days before this one.
    #[must_use]
    pub fn back(self, days: i64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// `2026-11-22`.
    pub fn to_iso(self) -> String {
        let time = Timestamp(self.0.saturating_mul(DAY_US)).to_iso();
        time.split('T').next().unwrap_or_default().to_owned()
    }
}

/// What of the SDK API is counted (contract, sdk-api section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Resource {
    /// The flags of an environment.
    Flags,
    /// Flags and traits of an identity.
    Identities,
    /// Traits alone.
    Traits,
    /// The environment document.
    EnvironmentDocument,
}

impl Resource {
    /// Its name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flags => "flags",
            Self::Identities => "identities",
            Self::Traits => "traits",
            Self::EnvironmentDocument => "environment-document",
        }
    }

    /// The resource of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Flags,
            Self::Identities,
            Self::Traits,
            Self::EnvironmentDocument,
        ]
        .into_iter()
        .find(|resource| resource.as_str() == name)
    }
}

/// What callers say about themselves. Empty: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Labels {
    /// The SDK: `flagsmith-js-sdk/12.4.0`.
    pub user_agent: String,
    /// The application that has the SDK in it.
    pub client_application_name: String,
    /// The application's version.
    pub client_application_version: String,
}

/// The labels looked for; `None` is any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelsFilter {
    /// The SDK.
    pub user_agent: Option<String>,
    /// The application.
    pub client_application_name: Option<String>,
    /// The application's version.
    pub client_application_version: Option<String>,
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestCount {
    /// The environment.
    pub environment: EnvironmentId,
    /// The day.
    pub day: Day,
    /// What was asked for.
    pub resource: Resource,
    /// By whom.
    pub labels: Labels,
    /// How many.
    pub count: i64,
}

/// Evaluations of one feature, as SDKs report them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvaluationCount {
    /// The environment.
    pub environment: EnvironmentId,
    /// The feature.
    pub feature: FeatureId,
    /// The day of the report.
    pub day: Day,
    /// By whom.
    pub labels: Labels,
    /// How many.
    pub count: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        for (time, day) in [
            ("2026-11-24T00:00:00Z", "2026-11-24"),
            ("2026-11-23T23:59:59.999999Z", "2026-11-23"),
            ("1969-12-31T23:59:59Z", "1969-12-31"),
        ] {
            assert_eq!(Day::of(Timestamp::parse(time).unwrap()).to_iso(), day);
        }
        assert_eq!(Day(3).back(2), Day(1));
    }

    #[test]
    fn resources_are_told_by_their_names() {
        for name in ["flags", "identities", "traits", "environment-document"] {
            assert_eq!(Resource::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(Resource::parse("analytics"), None);
    }
}
