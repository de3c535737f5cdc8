//! What a feature may be called.

use crate::error::{Error, Result};
use liftgate_model::project::Project;
use regex::RegexBuilder;

/// Most bytes a compiled pattern may take: patterns come from people, and a few characters can ask for gigabytes.
const PATTERN_BYTES: usize = 1 << 18;

/// What is said when the name is taken.
pub(super) const TAKEN: &str =
    "Feature with that name already exists for this project. Note that feature names are case insensitive.";

/// Refuses a name that does not match the project's pattern as a whole. A pattern that cannot be compiled matches
/// nothing.
pub(super) fn check(project: &Project, name: &str) -> Result<()> {
    let Some(pattern) = project.feature_name_regex.as_deref() else {
        return Ok(());
    };
    let compiled = RegexBuilder::new(&format!("^(?:{pattern})$"))
        .size_limit(PATTERN_BYTES)
        .build();
    if compiled.is_ok_and(|compiled| compiled.is_match(name)) {
        return Ok(());
    }
    Err(Error::field(
        "name",
        format!("Feature name must match regex: {pattern}"),
    ))
}
