//! Ids differ between the recordings and a replay, but what refers to one thing must keep referring to one thing.

use std::collections::BTreeMap;

/// Which id of ours stands for a recorded one.
#[derive(Debug, Default)]
pub struct Ids {
    ours: BTreeMap<(&'static str, i64), i64>,
}

/// Members whose value is an id, or a list of ids, and what they refer to.
const REFERENCES: [(&str, &str); 24] = [
    ("change_request", "change request"),
    ("created_by", "user"),
    ("environment", "environment"),
    ("feature", "feature"),
    ("feature_segment", "feature segment"),
    ("group", "group"),
    ("group_owners", "group"),
    ("identity", "identity"),
    ("invited_by", "user"),
    ("author", "user"),
    ("metric", "metric"),
    ("metric_id", "metric"),
    ("multivariate_feature_option", "option"),
    ("multivariate_options", "option"),
    ("organisation", "organisation"),
    ("owners", "user"),
    ("permission_groups", "group"),
    ("project", "project"),
    ("published_by", "user"),
    ("segment", "segment"),
    ("subscription", "subscription"),
    ("tags", "tag"),
    ("user", "user"),
    ("version_of", "segment"),
];

/// Members whose value is an id of no interest.
const ANY: [&str; 5] = ["id", "django_id", "related_object_id", "users", "total_segments"];

/// What the member of that name refers to.
pub fn kind(member: &str) -> Option<&'static str> {
    REFERENCES
        .iter()
        .find(|(name, _)| *name == member)
        .map(|(_, kind)| *kind)
}

impl Ids {
    /// Whether `ours`, at a member that is an id, can stand for `recorded`; `None` when the member is no id. `parent` is
    /// the name of the member around it.
    pub fn fit(&mut self, parent: &str, member: &str, recorded: i64, ours: i64) -> Option<bool> {
        let kind = if member == "id" {
            kind(parent)
        } else {
            kind(member)
        };
        match kind {
            Some(kind) => Some(*self.ours.entry((kind, recorded)).or_insert(ours) == ours),
            None => ANY.contains(&member).then_some(true),
        }
    }
}
