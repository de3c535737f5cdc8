//! The texts of audit records about flags (contract, admin API, sections 4.5, 4.6 and 6.1).

/// Whose setting of a flag an audit record is about.
pub(crate) enum Subject<'a> {
    /// Everybody in the environment.
    Default,
    /// A segment, by name.
    Segment(&'a str),
    /// An identity, by identifier.
    Identity(&'a str),
}

impl Subject<'_> {
    /// The override was made.
    pub(crate) fn created(&self, feature: &str) -> String {
        match self {
            Self::Default => format!("New Flag / Remote Config created: {feature}"),
            Self::Segment(segment) => {
                format!("Segment override created for feature '{feature}' and segment '{segment}'")
            }
            Self::Identity(identity) => {
                format!("Identity override created for feature '{feature}' and identity '{identity}'")
            }
        }
    }

    /// It was switched on or off.
    pub(crate) fn switched(&self, feature: &str) -> String {
        match self {
            Self::Default => format!("Flag state updated for feature: {feature}"),
            Self::Segment(segment) => {
                format!(
                    "Flag state / Remote config value updated for feature '{feature}' and segment '{segment}'"
                )
            }
            Self::Identity(identity) => {
                format!(
                    "Flag state / Remote config value updated for feature '{feature}' and identity '{identity}'"
                )
            }
        }
    }

    /// Its value changed.
    pub(crate) fn value_changed(&self, feature: &str) -> String {
        match self {
            Self::Default => format!("Remote config value updated for feature: {feature}"),
            Self::Segment(segment) => {
                format!(
                    "Remote config updated for segment override on feature '{feature}' and segment '{segment}'."
                )
            }
            Self::Identity(identity) => {
                format!(
                    "Remote config value updated for identity override on feature '{feature}' and identity '{identity}'."
                )
            }
        }
    }

    /// The shares of its variants changed.
    pub(crate) fn shares_changed(&self, feature: &str) -> String {
        match self {
            Self::Default => format!("Multivariate value changed for feature '{feature}'."),
            Self::Segment(segment) => {
                format!("Multivariate value changed for feature '{feature}' and segment '{segment}'.")
            }
            Self::Identity(identity) => {
                format!("Multivariate value changed for feature '{feature}' and identity '{identity}'.")
            }
        }
    }

    /// The override was removed.
    pub(crate) fn deleted(&self, feature: &str) -> String {
        match self {
            Self::Default => format!("Flag / Remote Config Deleted: {feature}"),
            Self::Segment(segment) => {
                format!(
                    "Flag state / Remote config value deleted for feature '{feature}' and segment '{segment}'"
                )
            }
            Self::Identity(identity) => {
                format!(
                    "Flag state / Remote config value deleted for feature '{feature}' and identity '{identity}'"
                )
            }
        }
    }
}
