//! Databases and the nouns tests start from.

use liftgate_model::account::{Organisation, User};
use liftgate_model::environment::Environment;
use liftgate_model::feature::{Feature, FeatureType};
use liftgate_model::project::Project;
use liftgate_model::segment::{Rule, RuleType, Segment};
use liftgate_model::{
    EnvironmentId, FeatureId, OrganisationId, OsRandom, ProjectId, Random, SegmentId, Slice, Timestamp,
};
use liftgate_store::{
    Conn, Error, Result, Store, StoreOptions, Tx, environments, features, organisations, projects, segments,
    users,
};
use sea_orm::{ConnectionTrait as _, Database};
use uuid::Uuid;

/// A time with microseconds, far beyond 32 bits.
pub const NOW: Timestamp = Timestamp(4_790_000_000_000_123);
/// All of a list.
pub const ALL: Slice = Slice {
    offset: 0,
    limit: 1_000,
};
/// Letters of several alphabets, quotes, wildcards, an emoji and a letter that has a small form of two letters.
pub const ODD_TEXT: &str = "Ünïcode 🦀 中文 'quoted' \"double\" 100%_\\ İ \u{301}";

/// A database of a test.
pub struct Back {
    /// Its kind, for messages.
    pub name: &'static str,
    /// Its address.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// A fresh database of every kind there is.
pub async fn backs() -> Vec<Back> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mut backs = vec![Back {
        name: "sqlite",
        url: format!("sqlite://{}", folder.path().join("store.db").display()),
        _folder: Some(folder),
    }];
    if let Ok(server) = std::env::var("LIFTGATE_TEST_POSTGRES") {
        let random: &dyn Random = &OsRandom;
        let name = format!("liftgate_store_{}", random.hex(8));
        let admin = Database::connect(&server).await.expect("the server answers");
        let made = admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await;
        made.expect("a database can be made");
        admin.close().await.expect("a connection can be closed");
        let (base, _) = server.rsplit_once('/').expect("the URL names a database");
        backs.push(Back {
            name: "postgres",
            url: format!("{base}/{name}"),
            _folder: None,
        });
    }
    backs
}

/// A migrated store on a database.
pub async fn open(back: &Back) -> Store {
    let options = StoreOptions {
        max_connections: 4,
        ..StoreOptions::default()
    };
    let store = Store::open(&back.url, &options).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    store
}

/// Runs a test on a fresh store of every kind.
pub async fn each(test: impl AsyncFn(&Store) -> Result<()>) {
    for back in backs().await {
        let store = open(&back).await;
        if let Err(error) = test(&store).await {
            panic!("on {}: {error:?}", back.name);
        }
        store.close().await.expect("it closes");
    }
}

/// Asserts that a write is a conflict that names its table and its columns.
pub async fn refused<T>(store: &Store, rule: &[&str], write: impl AsyncFnOnce(&Tx) -> Result<T>) {
    let tx = store.begin().await.expect("a transaction begins");
    let Err(Error::Conflict(text)) = write(&tx).await else {
        panic!("no conflict on {rule:?}");
    };
    for part in rule {
        assert!(text.contains(part), "{text:?} does not name {part}");
    }
}

/// The next of all public ids.
pub fn uuid() -> Uuid {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(u128::from(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// What most tests start from.
pub struct World {
    pub user: User,
    pub organisation: Organisation,
    pub project: Project,
    pub environment: Environment,
    pub feature: Feature,
    pub segment: Segment,
}

impl World {
    /// One of each, committed.
    pub async fn create(store: &Store) -> Result<Self> {
        let tx = store.begin().await?;
        let user = a_user(&tx, "ada@example.com").await?;
        let organisation = organisations::create(&tx, uuid(), "Acme", NOW).await?;
        let project = projects::create(&tx, &project(organisation.id, "Shop")).await?;
        let environment = environments::create(&tx, &environment(project.id, "Production")).await?;
        let feature = features::create(&tx, &feature(project.id, "banner")).await?;
        let segment = segments::create(&tx, &segment(project.id, "Beta")).await?;
        tx.commit().await?;
        Ok(Self {
            user,
            organisation,
            project,
            environment,
            feature,
            segment,
        })
    }
}

/// A stored user.
pub async fn a_user(c: &impl Conn, email: &str) -> Result<User> {
    let user = users::NewUser {
        uuid: uuid(),
        email,
        password_hash: "$argon2id$",
        first_name: "Ada",
        last_name: "Lovelace",
        sign_up_type: None,
        marketing_consent_given: false,
        is_superuser: false,
        date_joined: NOW,
    };
    users::create(c, user).await
}

/// A project to be stored.
pub fn project(organisation: OrganisationId, name: &str) -> Project {
    Project {
        id: ProjectId(0),
        uuid: uuid(),
        name: name.into(),
        organisation,
        hide_disabled_flags: false,
        prevent_flag_defaults: false,
        enable_realtime_updates: false,
        only_allow_lower_case_feature_names: true,
        feature_name_regex: None,
        stale_flags_limit_days: 30,
        minimum_change_request_approvals: None,
        enforce_feature_owners: false,
        created_at: NOW,
    }
}

/// An environment to be stored; its key is made of its public id.
pub fn environment(project: ProjectId, name: &str) -> Environment {
    let uuid = uuid();
    Environment {
        id: EnvironmentId(0),
        uuid,
        name: name.into(),
        api_key: format!("key-{uuid}"),
        description: None,
        project,
        minimum_change_request_approvals: None,
        allow_client_traits: true,
        banner_text: None,
        banner_colour: None,
        hide_disabled_flags: None,
        hide_sensitive_data: false,
        use_identity_composite_key_for_hashing: true,
        use_v2_feature_versioning: false,
        use_identity_overrides_in_local_eval: true,
        created_at: NOW,
        updated_at: NOW,
        revision: 0,
    }
}

/// A feature to be stored.
pub fn feature(project: ProjectId, name: &str) -> Feature {
    Feature {
        id: FeatureId(0),
        uuid: uuid(),
        project,
        name: name.into(),
        kind: FeatureType::Standard,
        initial_value: None,
        default_enabled: false,
        description: None,
        is_archived: false,
        is_server_key_only: false,
        created_at: NOW,
        tags: Vec::new(),
        owners: Vec::new(),
        group_owners: Vec::new(),
    }
}

/// A segment to be stored.
pub fn segment(project: ProjectId, name: &str) -> Segment {
    Segment {
        id: SegmentId(0),
        uuid: uuid(),
        project,
        name: name.into(),
        description: None,
        feature: None,
        is_system: false,
        rules: vec![Rule {
            id: 1,
            kind: RuleType::All,
            rules: Vec::new(),
            conditions: Vec::new(),
        }],
        created_at: NOW,
        updated_at: NOW,
    }
}

/// Texts and which of them a search finds, the same on every database.
pub const NAMES: [&str; 7] = [
    "100%",
    "100 x",
    "a_b",
    "axb",
    "back\\slash",
    "ÄPFEL Ж Ω",
    "Straße",
];
pub const SEARCHES: [(&str, &[&str]); 9] = [
    ("0%", &["100%"]),
    ("A_B", &["a_b"]),
    ("k\\S", &["back\\slash"]),
    ("äpfel", &["ÄPFEL Ж Ω"]),
    ("ÄPFEL", &["ÄPFEL Ж Ω"]),
    ("ж ω", &["ÄPFEL Ж Ω"]),
    ("STRAß", &["Straße"]),
    ("'; --", &[]),
    ("100", &["100%", "100 x"]),
];
