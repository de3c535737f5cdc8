//! Flags: what a feature does in an environment, whatever the environment's versioning.

mod change;
pub(crate) mod columns;
mod editor;
pub mod identity_overrides;
mod initial;
pub(crate) mod lock;
mod served;
mod value_edit;
pub mod whole;
mod wording;
pub mod write;

pub use change::{Change, Shares};
pub(crate) use change::{check_whole, exceed_whole};
pub use editor::FlagEditor;
pub(crate) use initial::{create_initial_state, create_initial_states, create_initial_version};
pub use lock::ExperimentLock;
pub(crate) use served::served_overrides;
pub use value_edit::{ValueEdit, ValueKind};
pub(crate) use wording::Subject;

/// What stands against a second state of a line.
pub(crate) const ALREADY_THERE: &str =
    "Feature state already exists for this environment, feature, version, segment & identity combination";
