//! Changes environments.

use super::{check, entry};
use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::Admin;
use crate::error::{Error, Result};
use crate::work::Entry;
use liftgate_model::audit::ChangeType;
use liftgate_model::environment::Environment;
use liftgate_store::environments;

/// What to change about an environment. What is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentChange {
    /// Name, unique in the project.
    pub name: Option<String>,
    /// The client-side key, unique on the server. SDKs with the old one are refused.
    pub api_key: Option<String>,
    /// Free text; the inner `None` empties it.
    pub description: Option<Option<String>>,
    /// Approvals a change request needs; the inner `None` turns change requests off.
    pub minimum_change_request_approvals: Option<Option<i32>>,
    /// Whether client-side keys may write traits.
    pub allow_client_traits: Option<bool>,
    /// A banner for user interfaces; the inner `None` empties it.
    pub banner_text: Option<Option<String>>,
    /// The banner's colour; the inner `None` empties it.
    pub banner_colour: Option<Option<String>>,
    /// Whether disabled flags are left out of SDK answers; the inner `None` follows the project.
    pub hide_disabled_flags: Option<Option<bool>>,
    /// Whether SDK answers null what may be sensitive.
    pub hide_sensitive_data: Option<bool>,
    /// Stored for compatibility.
    pub use_identity_composite_key_for_hashing: Option<bool>,
    /// Whether the environment document carries identity overrides.
    pub use_identity_overrides_in_local_eval: Option<bool>,
}

impl EnvironmentChange {
    /// Applies it.
    pub(super) fn apply(self, to: &mut Environment) {
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        set(&mut to.name, self.name);
        set(&mut to.api_key, self.api_key);
        set(&mut to.description, self.description);
        set(
            &mut to.minimum_change_request_approvals,
            self.minimum_change_request_approvals,
        );
        set(&mut to.allow_client_traits, self.allow_client_traits);
        set(&mut to.banner_text, self.banner_text);
        set(&mut to.banner_colour, self.banner_colour);
        set(&mut to.hide_disabled_flags, self.hide_disabled_flags);
        set(&mut to.hide_sensitive_data, self.hide_sensitive_data);
        set(
            &mut to.use_identity_composite_key_for_hashing,
            self.use_identity_composite_key_for_hashing,
        );
        set(
            &mut to.use_identity_overrides_in_local_eval,
            self.use_identity_overrides_in_local_eval,
        );
    }
}

/// Changes an environment.
///
/// # Errors
/// `Invalid` when the project has another one of that name, or the client-side key is taken.
pub async fn update(app: &App, on: &OnEnvironment<Admin>, change: EnvironmentChange) -> Result<Environment> {
    let mut work = app.begin(&on.actor).await?;
    let found = environments::find_for_update(&work.tx, on.environment.id).await?;
    let before = found.ok_or_else(|| Error::missing("Environment"))?;
    let mut after = before.clone();
    change.apply(&mut after);
    check(&work.tx, &after).await?;
    environments::update(&work.tx, &after).await?;
    let entry = compared(&before, &after);
    if !entry.details.is_empty() {
        work.audit(entry).await?;
    }
    work.commit().await?;
    Ok(after)
}

/// The audit record of an edit, with what differs.
fn compared(before: &Environment, after: &Environment) -> Entry {
    entry(after, "Environment updated", ChangeType::Update)
        .with("name", before.name.as_str(), after.name.as_str())
        .with("api_key", before.api_key.as_str(), after.api_key.as_str())
        .with(
            "description",
            before.description.as_deref(),
            after.description.as_deref(),
        )
        .with(
            "minimum_change_request_approvals",
            before.minimum_change_request_approvals,
            after.minimum_change_request_approvals,
        )
        .with(
            "allow_client_traits",
            before.allow_client_traits,
            after.allow_client_traits,
        )
        .with(
            "banner_text",
            before.banner_text.as_deref(),
            after.banner_text.as_deref(),
        )
        .with(
            "banner_colour",
            before.banner_colour.as_deref(),
            after.banner_colour.as_deref(),
        )
        .with(
            "hide_disabled_flags",
            before.hide_disabled_flags,
            after.hide_disabled_flags,
        )
        .with(
            "hide_sensitive_data",
            before.hide_sensitive_data,
            after.hide_sensitive_data,
        )
        .with(
            "use_identity_composite_key_for_hashing",
            before.use_identity_composite_key_for_hashing,
            after.use_identity_composite_key_for_hashing,
        )
        .with(
            "use_identity_overrides_in_local_eval",
            before.use_identity_overrides_in_local_eval,
            after.use_identity_overrides_in_local_eval,
        )
}
