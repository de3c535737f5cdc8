//! Flags: what a feature does in an environment, whatever the environment's versioning.

mod editor;
mod wording;

pub use editor::{Change, FlagEditor, Shares};
pub(crate) use wording::Subject;
