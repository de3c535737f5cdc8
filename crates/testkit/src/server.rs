//! A node for one test.

use crate::{Client, Proxy, TestClock};
use liftgate::config::{Config, ExperimentLock, LogFormat, ServeConfig};
use liftgate::node::Node;
use liftgate_app::App;
use liftgate_events::EmbeddedStore;
use liftgate_model::{OsRandom, Random};
use liftgate_store::Store;
use sea_orm::{ConnectionTrait as _, Database, DatabaseBackend, Statement};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The Postgres server to test on; a URL of a database in which databases can be created.
const POSTGRES: &str = "LIFTGATE_TEST_POSTGRES";

/// A node that listens on this machine, with a database of its own.
pub struct TestServer {
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its use-cases.
    pub app: Arc<App>,
    /// Its relational store.
    pub store: Store,
    /// Its event store.
    pub events: Arc<EmbeddedStore>,
    origin: String,
    config: Config,
    serve: ServeConfig,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    folder: TempDir,
}

/// The data of a node that was stopped.
pub struct Stopped {
    clock: Arc<TestClock>,
    config: Config,
    serve: ServeConfig,
    folder: TempDir,
}

impl TestServer {
    /// A node with open registration.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A node with settings of its own.
    pub async fn start_with(adjust: impl FnOnce(&mut ServeConfig)) -> Self {
        Self::start_on(fresh_postgres().await, adjust).await
    }

    /// A node with a network between it and Postgres; `None` on SQLite.
    pub async fn start_behind_proxy() -> Option<(Self, Proxy)> {
        let (url, proxy) = behind_proxy(&fresh_postgres().await?).await;
        Some((Self::start_on(Some(url), |_| {}).await, proxy))
    }

    async fn start_on(database_url: Option<String>, adjust: impl FnOnce(&mut ServeConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url,
            secret_key: None,
        };
        let mut serve = ServeConfig {
            listen: "127.0.0.1:0".parse().expect("this is an address"),
            open_registration: true,
            results_interval_seconds: 600,
            allow_internal_warehouses: false,
            serve_control_outside_rollout: false,
            experiment_lock: ExperimentLock::Warn,
            trusted_proxies: Vec::new(),
            max_connections: 1_000,
            max_streams: 100,
            key_rate: 0,
            key_burst: 0,
            log_format: LogFormat::Text,
        };
        adjust(&mut serve);
        Self::open(config, serve, Arc::new(TestClock::default()), folder).await
    }

    async fn open(config: Config, serve: ServeConfig, clock: Arc<TestClock>, folder: TempDir) -> Self {
        let node = Node::open_with(&config, &serve, Arc::clone(&clock) as _, Arc::new(OsRandom))
            .await
            .expect("a node on a fresh database starts");
        let listener = TcpListener::bind(serve.listen).await.expect("a port is free");
        let origin = format!(
            "http://{}",
            listener.local_addr().expect("a bound socket has an address")
        );
        let (stop, stopped) = watch::channel(false);
        let (app, store, events) = (
            Arc::clone(&node.app),
            node.store.clone(),
            Arc::clone(&node.events),
        );
        let task = tokio::spawn(async move {
            node.serve(listener, stopped)
                .await
                .expect("a node stops in order");
        });
        Self {
            clock,
            app,
            store,
            events,
            origin,
            config,
            serve,
            stop,
            task,
            folder,
        }
    }

    /// Another node on the same Postgres, with a data directory of its own; `None` on SQLite, which has one node.
    pub async fn beside(&self) -> Option<Self> {
        Some(self.another(self.config.database_url.clone()?).await)
    }

    /// The same, with a network between the node and Postgres.
    pub async fn beside_behind_proxy(&self) -> Option<(Self, Proxy)> {
        let (url, proxy) = behind_proxy(self.config.database_url.as_deref()?).await;
        Some((self.another(url).await, proxy))
    }

    /// How many statements wait for a lock in its Postgres.
    ///
    /// # Panics
    /// On SQLite, which has one writer at a time.
    pub async fn blocked_statements(&self) -> i64 {
        let url = self.config.database_url.as_deref().expect("this is Postgres");
        let database = Database::connect(url).await.expect("the Postgres server answers");
        let count = "SELECT count(*) FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let row = database
            .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, count))
            .await
            .expect("activity can be read")
            .expect("a count is a row");
        database.close().await.expect("a connection can be closed");
        row.try_get_by_index(0).expect("a count is a number")
    }

    async fn another(&self, database_url: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url: Some(database_url),
            secret_key: None,
        };
        Self::open(config, self.serve.clone(), Arc::clone(&self.clock), folder).await
    }

    /// Stops the node and starts another one on the same data.
    pub async fn restart(self) -> Self {
        self.halt().await.start().await
    }

    /// Stops the node; its data stays.
    pub async fn halt(self) -> Stopped {
        let Self {
            clock,
            app,
            store,
            events,
            config,
            serve,
            stop,
            task,
            folder,
            ..
        } = self;
        stop.send_replace(true);
        task.await.expect("a node stops in order");
        drop((app, store, events));
        Stopped {
            clock,
            config,
            serve,
            folder,
        }
    }

    /// Stops the node and waits until it is gone.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.expect("a node stops in order");
    }

    /// Where its data is.
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }

    /// Where it listens: `http://127.0.0.1:1234`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// A caller without credentials.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.origin)
    }

    /// A new user, signed in.
    pub async fn sign_up(&self, email: &str) -> Client {
        let body = json!({
            "email": email, "password": "a sound p4ssphrase", "first_name": "Test", "last_name": "User",
        });
        let answer = self
            .anonymous()
            .post("/api/v1/auth/users/", body)
            .await
            .expect(201);
        self.anonymous()
            .with_token(answer["key"].as_str().expect("sign-up answers a token"))
    }
}

impl Stopped {
    /// Starts a node on its data.
    pub async fn start(self) -> TestServer {
        TestServer::open(self.config, self.serve, self.clock, self.folder).await
    }

    /// Why no node starts on its data.
    pub async fn refusal(&self) -> String {
        let clock = Arc::clone(&self.clock) as _;
        match Node::open_with(&self.config, &self.serve, clock, Arc::new(OsRandom)).await {
            Ok(_) => panic!("a node starts"),
            Err(error) => format!("{error:#}"),
        }
    }

    /// Where its data is.
    pub fn data_dir(&self) -> &Path {
        &self.config.data_dir
    }
}

/// The URL of a database with a network in front of it.
async fn behind_proxy(url: &str) -> (String, Proxy) {
    let (access, rest) = url.split_once('@').expect("the URL names a user");
    let (target, name) = rest.split_once('/').expect("the URL names a database");
    let proxy = Proxy::start(target.to_owned()).await;
    (format!("{access}@{}/{name}", proxy.address()), proxy)
}

/// The URL of a new database, when tests run on Postgres.
pub async fn fresh_postgres() -> Option<String> {
    let server = std::env::var(POSTGRES).ok()?;
    let random: &dyn Random = &OsRandom;
    let name = format!("liftgate_test_{}", random.hex(8));
    let admin = Database::connect(&server)
        .await
        .expect("the Postgres server answers");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database can be made");
    admin.close().await.expect("a connection can be closed");
    let (base, _) = server.rsplit_once('/').expect("the URL names a database");
    Some(format!("{base}/{name}"))
}
