//! The use-cases of Liftgate.
//!
//! Each authorises through a proof in its arguments ([`access`]), validates, changes, audits and publishes, in one
//! transaction ([`work::Work`]). HTTP, the command line and jobs all call these. To add one: a function in the module of
//! its noun that takes the [`App`], a proof and plain input; it opens a unit of work, and ends with its commit.

pub mod access;
pub mod accounts;
pub mod audit;
mod authentication;
pub mod bootstrap;
mod copies;
pub mod environments;
pub mod error;
pub mod experiments;
pub mod features;
pub mod flags;
pub mod group_permissions;
pub mod groups;
pub mod identities;
mod identity_source;
pub mod jobs;
pub mod metrics;
pub mod options;
pub mod organisations;
pub mod overrides;
mod passwords;
pub mod permission_details;
pub mod permissions;
pub mod projects;
mod publish;
pub mod secrets;
pub mod segments;
pub mod states;
mod time_limit;
mod tokens;
pub mod usage;
pub mod versions;
pub mod warehouses;
pub mod warnings;
mod work;

pub use error::{Error, Invalid, Missing, Result};
pub use identity_source::{IDENTITY_AGE_SECONDS, StoredIdentities};
pub use passwords::Passwords;
pub use secrets::SecretBox;

use liftgate_delivery::{Copies, Delivery, SnapshotOptions};
use liftgate_events::EventReader;
use liftgate_model::{Clock, EnvironmentId, Random};
use liftgate_store::Store;
use std::sync::Arc;
use tokio::sync::Notify;

/// What the use-cases work with.
pub struct App {
    store: Store,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    delivery: Arc<Delivery>,
    events: Arc<dyn EventReader>,
    copies: Option<Copies>,
    secrets: SecretBox,
    passwords: Passwords,
    sign_ins: accounts::SignInLimits,
    settings: Settings,
    wake: Notify,
}

/// What may be configured about the use-cases.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether anybody may register; otherwise only the first user, and who was invited.
    pub open_registration: bool,
    /// Seconds between two runs of a running experiment's computations.
    pub results_interval_seconds: i64,
    /// Whether a warehouse may be at an internal or private address.
    pub allow_internal_warehouses: bool,
    /// What becomes of changes to a flag on which an experiment runs.
    pub experiment_lock: flags::ExperimentLock,
    /// How answers of the data plane are prepared.
    pub delivery: SnapshotOptions,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            open_registration: false,
            results_interval_seconds: 600,
            allow_internal_warehouses: false,
            experiment_lock: flags::ExperimentLock::default(),
            delivery: SnapshotOptions::default(),
        }
    }
}

/// The parts an [`App`] is put together from.
pub struct Parts {
    /// The database, migrated; while it is away, [`jobs::run`] sees to that.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The data plane that is published into.
    pub delivery: Arc<Delivery>,
    /// The events.
    pub events: Arc<dyn EventReader>,
    /// Where copies of what is served are kept, if they are.
    pub copies: Option<Copies>,
    /// The key secrets are encrypted under.
    pub secret_key: [u8; 32],
    /// What is configured.
    pub settings: Settings,
}

impl App {
    /// Whether the operator lets anybody sign up, with or without an invitation.
    pub fn is_registration_open(&self) -> bool {
        self.settings.open_registration
    }

    /// Puts the use-cases together.
    pub fn new(parts: Parts) -> Self {
        Self {
            secrets: SecretBox::new(&parts.secret_key, Arc::clone(&parts.random)),
            passwords: Passwords::new(Arc::clone(&parts.random)),
            sign_ins: accounts::SignInLimits::default(),
            store: parts.store,
            clock: parts.clock,
            random: parts.random,
            delivery: parts.delivery,
            events: parts.events,
            copies: parts.copies,
            settings: parts.settings,
            wake: Notify::new(),
        }
    }

    /// The loader of what callers may use.
    pub fn access(&self) -> access::Access<liftgate_store::Reader<'_>> {
        access::Access::new(self.store.reader())
    }

    /// The time.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }

    /// Refuses what needs the database while that was not reached since the start.
    ///
    /// # Errors
    /// `Unavailable`.
    pub fn check_ready(&self) -> Result<()> {
        Ok(self.store.check_migrated()?)
    }

    /// Waits until the database was reached.
    pub async fn wait_until_ready(&self) {
        self.store.wait_until_migrated().await;
    }

    /// Whether anybody has an account.
    pub async fn has_users(&self) -> Result<bool> {
        Ok(liftgate_store::users::count(&self.store.reader()).await? > 0)
    }

    /// Lets this node and the others read an identity again, after a change of it was committed.
    pub(crate) fn forget_identity(&self, environment: EnvironmentId, identifier: &str) {
        self.delivery.forget(environment, identifier);
        self.store.tell_identities(environment, Some(identifier));
    }

    /// The same for all identities of an environment.
    pub(crate) fn forget_identities(&self, environment: EnvironmentId) {
        self.delivery.forget_environment(environment);
        self.store.tell_identities(environment, None);
    }

    /// Lets the jobs look for work at once.
    pub(crate) fn wake_jobs(&self) {
        self.wake.notify_one();
    }
}
