//! The stored traits of one identity.

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::{ManageIdentities, ViewIdentities};
use crate::error::{Error, Result};
use crate::flags::identity_overrides::find_identity;
use crate::work::Work;
use liftgate_model::identity::{Trait, TraitValue};
use liftgate_model::{IdentityId, Page, Slice, TraitId};
use liftgate_store::{Conn, identities, organisations};

/// The traits of an identity, by id.
pub async fn list(
    app: &App,
    on: &OnEnvironment<ViewIdentities>,
    identity: IdentityId,
    slice: Slice,
) -> Result<Page<Trait>> {
    let reader = app.store.reader();
    let identity = find_identity(&reader, &on.environment, identity).await?;
    Ok(identities::list_traits_page(&reader, identity.id, slice).await?)
}

/// One trait of an identity.
pub async fn find(
    app: &App,
    on: &OnEnvironment<ViewIdentities>,
    identity: IdentityId,
    id: TraitId,
) -> Result<Trait> {
    let reader = app.store.reader();
    let identity = find_identity(&reader, &on.environment, identity).await?;
    stored(&reader, identity.id, id).await
}

/// Gives an identity a trait. The key has 1 to 200 characters.
///
/// # Errors
/// `Invalid` when it has one of that key, `Forbidden` when the organisation stores no traits.
pub async fn create(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    identity: IdentityId,
    key: &str,
    value: &TraitValue,
) -> Result<Trait> {
    let work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    check_storing(&work, on).await?;
    let created = match identities::create_trait(&work.tx, identity.id, key, value, work.now).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(taken()),
        other => other?,
    };
    work.commit().await?;
    app.forget_identity(identity.environment, &identity.identifier);
    Ok(created)
}

/// Changes key and value of a trait to what `change` makes of it.
///
/// # Errors
/// As [`create`], `NotFound`, and what the change says.
pub async fn update(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    identity: IdentityId,
    id: TraitId,
    change: impl FnOnce(&Trait) -> Result<(String, TraitValue)> + Send,
) -> Result<Trait> {
    let work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    let before = stored(&work.tx, identity.id, id).await?;
    let (key, value) = change(&before)?;
    check_storing(&work, on).await?;
    match identities::update_trait(&work.tx, id, &key, &value).await {
        Err(liftgate_store::Error::Conflict(_)) => return Err(taken()),
        other => other?,
    }
    work.commit().await?;
    app.forget_identity(identity.environment, &identity.identifier);
    Ok(Trait { key, value, ..before })
}

/// Takes a trait from an identity, or its key from every identity of the environment.
pub async fn delete(
    app: &App,
    on: &OnEnvironment<ManageIdentities>,
    identity: IdentityId,
    id: TraitId,
    everywhere: bool,
) -> Result<()> {
    let work = app.begin(&on.actor).await?;
    let identity = find_identity(&work.tx, &on.environment, identity).await?;
    let doomed = stored(&work.tx, identity.id, id).await?;
    if everywhere {
        identities::delete_trait_everywhere(&work.tx, identity.environment, &doomed.key).await?;
    } else {
        identities::delete_traits(&work.tx, identity.id, &[&doomed.key]).await?;
    }
    work.commit().await?;
    if everywhere {
        app.forget_identities(identity.environment);
    } else {
        app.forget_identity(identity.environment, &identity.identifier);
    }
    Ok(())
}

async fn stored(conn: &impl Conn, identity: IdentityId, id: TraitId) -> Result<Trait> {
    let found = identities::find_trait(conn, identity, id).await?;
    found.ok_or_else(|| Error::missing("Trait"))
}

/// Refuses where the organisation chose that no traits are stored.
async fn check_storing(work: &Work<'_>, on: &OnEnvironment<ManageIdentities>) -> Result<()> {
    let organisation = organisations::find(&work.tx, on.project.organisation).await?;
    if organisation.is_some_and(|organisation| organisation.persist_trait_data) {
        return Ok(());
    }
    let detail = "Organisation is not authorised to store traits.";
    Err(Error::Forbidden(Some(detail.to_owned())))
}

fn taken() -> Error {
    Error::field("trait_key", "The identity has a trait with this key already.")
}
