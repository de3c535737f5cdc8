//! Why a flag is what it is.

use std::fmt;

/// The segment name that local clients give to the segments they make of identity overrides, and so the one in the
/// reason of an identity override.
pub(crate) const IDENTITY_OVERRIDES_SEGMENT: &str = "identity_overrides";

/// The reason of a flag's outcome. Its `Display` is the contract's text (sdk-api section 6, reason text).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason<'a> {
    /// The default of a feature that nothing overrides.
    Static,
    /// The default of a feature whose overrides did not apply.
    Default,
    /// A segment's or identity's override won.
    TargetingMatch {
        /// The segment's name; `identity_overrides` for an identity override.
        segment: &'a str,
    },
    /// An option of a multivariate state was chosen.
    Split {
        /// The option's weight as the context spelled it.
        weight: &'a str,
    },
    /// The flag depends on itself.
    CircularDependency,
}

impl fmt::Display for Reason<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static => formatter.write_str("STATIC"),
            Self::Default => formatter.write_str("DEFAULT"),
            Self::TargetingMatch { segment } => write!(formatter, "TARGETING_MATCH; segment={segment}"),
            Self::Split { weight } => write!(formatter, "SPLIT; weight={weight}"),
            Self::CircularDependency => formatter.write_str("ERROR; code=CIRCULAR_DEPENDENCY"),
        }
    }
}
