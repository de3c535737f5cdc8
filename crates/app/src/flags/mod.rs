//! Flags: what a feature does in an environment, whatever the environment's versioning.

mod editor;
mod initial;
mod wording;

pub use editor::{Change, FlagEditor, Shares};
pub(crate) use initial::{create_initial_state, create_initial_states, create_initial_version};
pub(crate) use wording::Subject;
