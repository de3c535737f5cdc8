//! Why the flags of an identity are what they are.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::TraceIdentities;
use crate::error::{Error, Result};
use liftgate_delivery::TracedFlag;
use liftgate_model::identity::Trait;
use liftgate_store::identities;

/// The flags of an identity, each with its trace.
#[derive(Debug, Clone)]
pub struct TracedIdentity {
    /// Whether there is such an identity; SDKs may ask for any.
    pub is_stored: bool,
    /// The stored traits, which the flags are evaluated with.
    pub traits: Vec<Trait>,
    /// The flags, ascending by feature id, those that are hidden from some callers too.
    pub flags: Vec<TracedFlag>,
}

/// Traces what an SDK gets that names this identifier and sends no traits; with a name only that feature, whatever its
/// case. Nothing is stored.
///
/// # Errors
/// `NotFound` when there is no such feature.
pub async fn trace(
    app: &App,
    on: &OnEnvironment<TraceIdentities>,
    identifier: &str,
    feature_name: Option<&str>,
) -> Result<TracedIdentity> {
    let reader = app.store.reader();
    let identity = identities::find_by_identifier(&reader, on.environment.id, identifier).await?;
    let traits = match &identity {
        Some(identity) => identities::list_traits(&reader, identity.id).await?,
        None => Vec::new(),
    };
    let data = app.environment_data(&reader, on.environment.clone()).await?;
    let data = data.ok_or_else(|| Error::missing("Environment"))?;
    let mut flags = liftgate_delivery::trace(&data, &app.settings.delivery, identifier, &traits);
    if let Some(name) = feature_name.map(str::to_lowercase) {
        flags.retain(|flag| flag.name.to_lowercase() == name);
        if flags.is_empty() {
            return Err(Error::missing("Feature"));
        }
    }
    Ok(TracedIdentity {
        is_stored: identity.is_some(),
        traits,
        flags,
    })
}
