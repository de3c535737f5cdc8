//! One node, put together: the stores, the data plane, the use-cases, the router.

use crate::config::{Config, ServeConfig};
use crate::health::NodeHealth;
use crate::{figures, http, secret_key, setup};
use anyhow::Context as _;
use axum::Router;
use liftgate_api::middleware::FrameSettings;
use liftgate_api::router::Assembly;
use liftgate_api::sdk::SdkState;
use liftgate_api::sdk::stream::Streams;
use liftgate_api::throttle::{Limits, Throttles};
use liftgate_api::{ApiState, Settings as ApiSettings};
use liftgate_app::{App, IDENTITY_AGE_SECONDS, Parts, Settings, StoredIdentities, jobs, usage};
use liftgate_delivery::{Copies, Delivery, IdentityOptions, SnapshotOptions};
use liftgate_events::{EmbeddedOptions, EmbeddedReader, EmbeddedStore, QueryOptions};
use liftgate_model::{Clock, OsRandom, Random, SystemClock};
use liftgate_store::{Error as StoreError, Store, StoreOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// A node that can serve.
pub struct Node {
    /// The use-cases.
    pub app: Arc<App>,
    /// The relational store; for what counts statements.
    pub store: Store,
    /// The event store.
    pub events: Arc<EmbeddedStore>,
    router: Router,
    streams: Streams,
    max_connections: usize,
}

/// Where the copies of what is served are in a data directory.
pub fn copies_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("environments")
}

/// Where the events of a data directory are.
pub fn events_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("events")
}

/// Opens the database and brings its schema up to date. Makes the data directory when it is missing.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let store = connect(config).await?;
    store.migrate().await.context("migrating the database")?;
    Ok(store)
}

/// Opens the database as it is. Makes the data directory when it is missing.
async fn connect(config: &Config) -> anyhow::Result<Store> {
    std::fs::create_dir_all(&config.data_dir)
        .with_context(|| format!("creating the data directory {}", config.data_dir.display()))?;
    Store::open(&config.database_url(), &StoreOptions::default())
        .await
        .context("opening the database")
}

/// Publishes what the database says. While it cannot be reached, publishes the copies in the data directory; a node without
/// any does not start.
async fn publish(app: &App, store: &Store) -> anyhow::Result<()> {
    match store.migrate().await {
        Ok(()) => app.catch_up().await.context("publishing the environments"),
        Err(error @ StoreError::Unavailable(_)) => {
            let copies = app.serve_copies().await.context("reading the copies")?;
            if copies == 0 {
                return Err(error).context("migrating the database");
            }
            tracing::warn!(error = ?error, environments = copies, "node.serves_copies");
            Ok(())
        }
        Err(error) => Err(error).context("migrating the database"),
    }
}

/// The use-cases for a command beside a server, or without one: events are only read.
pub async fn open_app(config: &Config) -> anyhow::Result<App> {
    let store = open_store(config).await?;
    let (clock, random): (Arc<dyn Clock>, Arc<dyn Random>) = (Arc::new(SystemClock), Arc::new(OsRandom));
    let secret_key = secret_key::load(config.secret_key.as_deref(), &config.data_dir, random.as_ref())?;
    let events = events_dir(&config.data_dir);
    std::fs::create_dir_all(&events).with_context(|| format!("creating {}", events.display()))?;
    let identities = StoredIdentities::new(store.clone(), Arc::clone(&clock));
    let delivery = Delivery::new(
        Arc::new(identities),
        Arc::clone(&clock),
        IdentityOptions::default(),
    );
    let parts = Parts {
        store,
        clock,
        random,
        delivery: Arc::new(delivery),
        events: Arc::new(EmbeddedReader::open(&events, QueryOptions::default())?),
        copies: None,
        secret_key,
        settings: Settings::default(),
    };
    Ok(App::new(parts))
}

impl Node {
    /// Puts a node together with the machine's clock and randomness.
    pub async fn open(config: &Config, serve: &ServeConfig) -> anyhow::Result<Self> {
        Self::open_with(config, serve, Arc::new(SystemClock), Arc::new(OsRandom)).await
    }

    /// Puts a node together with a clock and a source of randomness.
    pub async fn open_with(
        config: &Config,
        serve: &ServeConfig,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> anyhow::Result<Self> {
        figures::start();
        let store = connect(config).await?;
        let secret_key = secret_key::load(config.secret_key.as_deref(), &config.data_dir, random.as_ref())?;
        // A database in the data directory is not away while that is there.
        let copies = store
            .is_remote()
            .then(|| Copies::open(copies_dir(&config.data_dir)))
            .transpose()
            .context("opening the copies")?;
        let events = EmbeddedStore::open(&events_dir(&config.data_dir), EmbeddedOptions::default())
            .context("opening the event store")?;
        let events = Arc::new(events);
        let identities = StoredIdentities::new(store.clone(), Arc::clone(&clock));
        let identity_options = IdentityOptions {
            max_age_seconds: store.is_remote().then_some(IDENTITY_AGE_SECONDS),
            ..IdentityOptions::default()
        };
        let delivery = Delivery::new(Arc::new(identities), Arc::clone(&clock), identity_options);
        let delivery = Arc::new(delivery.with_key_rate(serve.key_rate()));
        let snapshots = SnapshotOptions {
            serve_control_outside_rollout: serve.serve_control_outside_rollout,
        };
        let app = App::new(Parts {
            store: store.clone(),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
            delivery: Arc::clone(&delivery),
            events: Arc::new(events.reader().clone()),
            copies,
            secret_key,
            settings: Settings {
                open_registration: serve.is_registration_open(),
                results_interval_seconds: i64::from(serve.results_interval_seconds),
                allow_internal_warehouses: serve.allow_internal_warehouses,
                experiment_lock: serve.experiment_lock.into(),
                delivery: snapshots,
            },
        });
        let app = Arc::new(app);
        publish(&app, &store).await?;
        let state = ApiState {
            app: Arc::clone(&app),
            authenticator: Arc::clone(&app) as _,
            health: Arc::new(NodeHealth(Arc::clone(&app))),
            clock: Arc::clone(&clock),
            throttles: Arc::new(Throttles::new(Limits::default())),
            settings: Arc::new(ApiSettings {
                trusted_proxies: serve.trusted_proxies.iter().copied().collect(),
                ..ApiSettings::default()
            }),
        };
        let streams = Streams::new(serve.max_streams);
        let sdk = SdkState {
            delivery,
            events: Arc::clone(&events) as _,
            clock,
            random: Arc::clone(&random),
            streams: streams.clone(),
        };
        let site = setup::routes(Arc::clone(&app)).merge(figures::routes());
        let router = assembly(state, sdk)
            .site(site)
            .build(FrameSettings::default(), random.as_ref());
        Ok(Self {
            app,
            store,
            events,
            router,
            streams,
            max_connections: serve.max_connections,
        })
    }

    /// Everything the node answers.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Serves until told to stop; then requests in flight are finished, jobs ended, and usage
    /// and events written out.
    pub async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let jobs = tokio::spawn(jobs::run(Arc::clone(&self.app), stop.clone()));
        let (streams, mut stopped) = (self.streams, stop.clone());
        tokio::spawn(async move {
            // An error means that whoever could say stop is gone.
            let _ = stopped.wait_for(|stop| *stop).await;
            streams.close();
        });
        http::serve(listener, self.router, self.max_connections, stop).await;
        jobs.await.context("ending the jobs")?;
        if let Err(error) = usage::flush(&self.app).await {
            tracing::warn!(error = ?error, "node.usage_lost");
        }
        self.events.close().await;
        self.store.close().await.context("closing the database")
    }
}

/// Every route of the API; also what the OpenAPI document is made of.
pub fn assembly(state: ApiState, sdk: SdkState) -> Assembly {
    Assembly::new()
        .routes(liftgate_api::probes::routes(), state.clone())
        .routes_on_database(liftgate_api::v1::routes(), state)
        .routes(liftgate_api::sdk::routes(), sdk)
}
