//! A server with a small example resource, and a client for it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt;
use liftgate_api::auth::{Anonymous, SessionOnly, SignedIn, UserOnly};
use liftgate_api::client::Block;
use liftgate_api::credentials::{Authenticator, Credentials};
use liftgate_api::error::{ApiError, Refusal};
use liftgate_api::extract::path::TextName;
use liftgate_api::extract::{Body, Page10, Page999, PathId, PathText, Query, path};
use liftgate_api::form::{Form, Mode, Parse};
use liftgate_api::guard::Guard;
use liftgate_api::health::{Accounts, Check, Health};
use liftgate_api::middleware::FrameSettings;
use liftgate_api::reply::{Accepted, Created, NoContent, Paged, Reply};
use liftgate_api::router::{Assembly, Routes};
use liftgate_api::throttle::{Limits, Login, Throttle, Throttles};
use liftgate_api::{ApiState, Settings, operations, probes};
use liftgate_app::{App, Error, Parts, StoredIdentities};
use liftgate_delivery::{Delivery, IdentityOptions};
use liftgate_events::{EmbeddedReader, QueryOptions};
use liftgate_model::account::{Actor, MasterKey, User};
use liftgate_model::page::Page;
use liftgate_model::{Clock, FeatureId, MasterKeyId, OrganisationId, Random, TagId, Timestamp, UserId};
use liftgate_store::{Store, StoreOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A clock that tests move.
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct Zeros;

impl Random for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// `Token good` is a person, `Api-Key good` a master key, `Bearer lost` is ignored, `Token down` cannot be told.
struct Door;

#[async_trait]
impl Authenticator for Door {
    async fn authenticate(&self, credentials: &Credentials) -> liftgate_app::Result<Option<Actor>> {
        match credentials {
            Credentials::Token(token) if token.expose() == "good" => Ok(Some(Actor::User(person()))),
            Credentials::Token(token) if token.expose() == "down" => Err(Error::Unavailable {
                detail: "The database is away.".to_owned(),
                retry_after_seconds: 5,
            }),
            Credentials::Token(_) => Err(Error::Unauthenticated("Invalid token.".to_owned())),
            Credentials::ApiKey(key) if key.expose() == "good" => Ok(Some(Actor::MasterKey(master_key()))),
            Credentials::ApiKey(_) => Err(Error::Unauthenticated(
                "Valid Master API Key not found.".to_owned(),
            )),
            Credentials::Bearer(_) | Credentials::None => Ok(None),
        }
    }
}

fn person() -> User {
    User {
        id: UserId(7),
        uuid: uuid::Uuid::nil(),
        email: "ada@example.com".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "L".to_owned(),
        sign_up_type: None,
        marketing_consent_given: false,
        is_superuser: false,
        is_active: true,
        date_joined: Timestamp(0),
        last_login: None,
        onboarding: None,
    }
}

fn master_key() -> MasterKey {
    MasterKey {
        id: MasterKeyId(3),
        organisation: OrganisationId(1),
        name: "ci".to_owned(),
        prefix: "abcdefgh".to_owned(),
        hash: String::new(),
        created_at: Timestamp(0),
        created_by: None,
        expires_at: None,
        revoked: false,
        is_admin: true,
    }
}

struct Vitals {
    fault: Option<String>,
}

#[async_trait]
impl Health for Vitals {
    async fn checks(&self) -> Vec<Check> {
        vec![
            Check {
                name: "DatabaseBackend",
                fault: self.fault.clone(),
            },
            Check {
                name: "MigrationsHealthCheck",
                fault: None,
            },
        ]
    }

    async fn accounts(&self) -> Option<Accounts> {
        self.fault.is_none().then_some(Accounts {
            has_users: true,
            has_logins: false,
        })
    }
}

/// What a test may choose about its server.
#[derive(Default)]
pub struct Choice {
    pub fault: Option<String>,
    pub proxies: Vec<&'static str>,
    pub limits: Limits,
    pub frame: FrameSettings,
    pub site: Option<Router>,
}

/// A running server.
pub struct Server {
    router: Router,
    pub clock: Arc<Hands>,
    /// Holds the database.
    _folder: TempDir,
}

/// The use-cases on a fresh database in a folder.
async fn use_cases(folder: &Path, clock: Arc<dyn Clock>) -> App {
    let url = format!("sqlite://{}", folder.join("liftgate.db").display());
    let store = Store::open(&url, &StoreOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    let identities = StoredIdentities::new(store.clone(), Arc::clone(&clock));
    let delivery = Delivery::new(
        Arc::new(identities),
        Arc::clone(&clock),
        IdentityOptions::default(),
    );
    let events = EmbeddedReader::open(folder, QueryOptions::default()).unwrap();
    App::new(Parts {
        store,
        clock,
        random: Arc::new(Zeros),
        delivery: Arc::new(delivery),
        events: Arc::new(events),
        copies: None,
        secret_key: [0; 32],
        settings: liftgate_app::Settings::default(),
    })
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Server {
    pub async fn new() -> Self {
        Self::with(Choice::default()).await
    }

    pub async fn with(choice: Choice) -> Self {
        let clock = Arc::new(Hands(AtomicI64::new(1_795_347_321_000_000)));
        let proxies = choice
            .proxies
            .iter()
            .map(|block| block.parse::<Block>().unwrap())
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let state = ApiState {
            app: Arc::new(use_cases(folder.path(), Arc::clone(&clock) as _).await),
            authenticator: Arc::new(Door),
            health: Arc::new(Vitals { fault: choice.fault }),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            throttles: Arc::new(Throttles::new(choice.limits)),
            settings: Arc::new(Settings {
                trusted_proxies: proxies,
                ..Settings::default()
            }),
        };
        let mut assembly = Assembly::new().routes(probes::routes().merge(routes()), state);
        if let Some(site) = choice.site {
            assembly = assembly.site(site);
        }
        Self {
            router: assembly.build(choice.frame, &Zeros),
            clock,
            _folder: folder,
        }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1_000_000, Ordering::Relaxed);
    }

    pub async fn send(&self, request: Request<HttpBody>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            bytes,
        }
    }

    /// A request of a signed-in person without a body.
    pub async fn call(&self, method: &str, uri: &str) -> Answer {
        self.send(request(method, uri).body(HttpBody::empty()).unwrap())
            .await
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.call("GET", uri).await
    }

    /// A request of a signed-in person with a JSON body.
    pub async fn json(&self, method: &str, uri: &str, body: &Value) -> Answer {
        self.raw(method, uri, "application/json", body.to_string()).await
    }

    /// A request of a signed-in person with any body.
    pub async fn raw(&self, method: &str, uri: &str, media_type: &str, body: impl Into<HttpBody>) -> Answer {
        self.send(
            request(method, uri)
                .header("content-type", media_type)
                .body(body.into())
                .unwrap(),
        )
        .await
    }
}

/// A request of a signed-in person.
pub fn request(method: &str, uri: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("host", "testserver")
        .header("authorization", "Token good")
}

// --- the example resource ---

/// Guard: features with an odd id belong to somebody else.
pub struct OwnFeature(FeatureId);

impl Guard for OwnFeature {
    const WHO: &'static str = "owner of the feature";
}

impl axum::extract::FromRequestParts<ApiState> for OwnFeature {
    type Rejection = ApiError;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &ApiState,
    ) -> Result<Self, ApiError> {
        liftgate_api::auth::actor(parts, state).await?;
        let id: FeatureId = path::id(parts).await?;
        if id.0 % 2 == 1 {
            Err(Error::forbidden().into())
        } else {
            Ok(Self(id))
        }
    }
}

#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Thing {
    id: i32,
    name: String,
}

#[derive(utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the fields are there for the documentation and the complaints"
)]
pub struct NewThing {
    name: String,
    share: f64,
    tags: Vec<i32>,
}

impl Parse for NewThing {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let name = form.text("name").max(10).required();
        let share = form.number("share").min(0.0).max(100.0).or(50.0);
        let tags = form
            .list("tags", liftgate_api::form::rule::Integer::default())
            .or(Vec::new());
        Some(Self {
            name: name?,
            share: share?,
            tags: tags?,
        })
    }
}

fn routes() -> Routes {
    operations!(
        list,
        create,
        wide,
        read,
        replace,
        upload,
        own,
        who,
        person_only,
        session_only,
        login,
        own_error,
        breaks,
        panics,
        hangs,
        accept,
        strict,
        named,
        keyed,
        located,
        conflict,
        bulk
    )
}

fn things(total: u64, slice: liftgate_model::page::Slice) -> Page<Thing> {
    let last = total.min(slice.offset + slice.limit);
    let items = (slice.offset..last)
        .map(|index| Thing {
            id: i32::try_from(index).unwrap(),
            name: format!("ünit {index}"),
        })
        .collect();
    Page { total, items }
}

fn total(query: &Query) -> u64 {
    query
        .get("total")
        .and_then(|total| total.parse().ok())
        .unwrap_or(25)
}

/// Things, ten at a time.
#[utoipa::path(get, path = "/api/v1/things/", tag = "things", params(Page10), responses((status = 200, body = Paged<Thing>)))]
async fn list(_: SignedIn, query: Query, page: Page10) -> Result<Reply<Paged<Thing>>, ApiError> {
    page.reply(things(total(&query), page.slice()))
}

/// Things, many at a time.
#[utoipa::path(get, path = "/api/v1/wide-things/", tag = "things", params(Page999), responses((status = 200, body = Paged<Thing>)))]
async fn wide(_: SignedIn, query: Query, page: Page999) -> Result<Reply<Paged<Thing>>, ApiError> {
    let body = page.paged(things(total(&query), page.slice()))?;
    Ok(Reply(body.with("status_counts", json!({"created": 0}))))
}

/// A new thing.
#[utoipa::path(post, path = "/api/v1/things/", tag = "things", request_body = NewThing, responses((status = 201, body = Thing)))]
async fn create(_: SignedIn, body: Body) -> Result<Created<Thing>, ApiError> {
    let new: NewThing = body.parse(Mode::Create)?;
    Ok(Created::new(Thing {
        id: 1,
        name: new.name,
    }))
}

/// New things.
#[utoipa::path(post, path = "/api/v1/bulk-things/", tag = "things", request_body = Vec<NewThing>, responses((status = 201)))]
async fn bulk(_: SignedIn, body: Body) -> Result<Created<usize>, ApiError> {
    Ok(Created::new(body.parse_list::<NewThing>(Mode::Create)?.len()))
}

/// One thing.
#[utoipa::path(get, path = "/api/v1/features/{feature_id}/", tag = "things", responses((status = 200, body = Thing)))]
async fn read(_: SignedIn, PathId(id): PathId<FeatureId>) -> Reply<Thing> {
    Reply(Thing {
        id: id.0,
        name: "x".to_owned(),
    })
}

/// Another thing in its place.
#[utoipa::path(put, path = "/api/v1/features/{feature_id}/", tag = "things", request_body = NewThing, responses((status = 200, body = Thing)))]
async fn replace(OwnFeature(id): OwnFeature, body: Body) -> Result<Reply<Thing>, ApiError> {
    let new: NewThing = body.parse(Mode::Put)?;
    Ok(Reply(Thing {
        id: id.0,
        name: new.name,
    }))
}

/// A path that is for integers only.
#[utoipa::path(get, path = "/api/v1/strict/{feature_id}/counts/", tag = "things", responses((status = 204)))]
async fn strict(_: SignedIn, _: StrictFeature) -> NoContent {
    NoContent
}

/// A sibling of it that calls the same segment by another name.
#[utoipa::path(get, path = "/api/v1/strict/{tag_id}/names/", tag = "things", responses((status = 200)))]
async fn named(_: SignedIn, PathId(id): PathId<TagId>) -> Reply<i32> {
    Reply(id.0)
}

pub struct Key;

impl TextName for Key {
    const NAME: &'static str = "environment_key";
}

/// Named by text.
#[utoipa::path(get, path = "/api/v1/keyed/{environment_key}/", tag = "things", responses((status = 200)))]
async fn keyed(_: SignedIn, key: PathText<Key>) -> Reply<String> {
    Reply(key.text)
}

struct StrictFeature;

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for StrictFeature {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &S) -> Result<Self, ApiError> {
        path::strict_id::<FeatureId>(parts).await.map(|_| Self)
    }
}

/// Shows the body as it was read.
#[utoipa::path(post, path = "/api/v1/upload/", tag = "things", responses((status = 200)))]
async fn upload(_: Anonymous, body: Body) -> Reply<Value> {
    let file = body
        .file("file")
        .map(|file| String::from_utf8_lossy(file).into_owned());
    Reply(json!({"value": body.value(), "file": file}))
}

/// On a path of Liftgate's own.
#[utoipa::path(post, path = "/api/liftgate/v1/things/", tag = "own", request_body = NewThing, responses((status = 204)))]
async fn own(_: SignedIn, body: Body) -> Result<NoContent, ApiError> {
    body.parse::<NewThing>(Mode::Create)?;
    Ok(NoContent)
}

/// A fault on a path of Liftgate's own.
#[utoipa::path(get, path = "/api/liftgate/v1/breaks/", tag = "own", responses((status = 204)))]
async fn own_error(_: Anonymous) -> Result<NoContent, ApiError> {
    Err(Error::internal("a secret of the server").into())
}

/// Who is calling.
#[utoipa::path(get, path = "/api/v1/who/", tag = "who", responses((status = 200)))]
async fn who(SignedIn(actor): SignedIn) -> Reply<Value> {
    Reply(json!({"user": actor.user_id(), "key": actor.master_key_id()}))
}

/// For persons.
#[utoipa::path(get, path = "/api/v1/person/", tag = "who", responses((status = 204)))]
async fn person_only(_: UserOnly) -> NoContent {
    NoContent
}

/// For sessions.
#[utoipa::path(get, path = "/api/v1/session/", tag = "who", responses((status = 204)))]
async fn session_only(_: SessionOnly) -> NoContent {
    NoContent
}

/// Throttled by address.
#[utoipa::path(post, path = "/api/v1/login/", tag = "who", request_body = NewThing, responses((status = 200)))]
async fn login(_: Anonymous, _: Throttle<Login>, body: Body) -> Result<Reply<Value>, ApiError> {
    let _: NewThing = body.parse(Mode::Create)?;
    Err(Refusal::SecondFactor("Invalid or expired code.".to_owned()).into())
}

/// A fault.
#[utoipa::path(get, path = "/api/v1/breaks/", tag = "faults", responses((status = 204)))]
async fn breaks(_: Anonymous) -> Result<NoContent, ApiError> {
    Err(Error::internal("a secret of the server").into())
}

/// A panic.
#[utoipa::path(get, path = "/api/v1/panics/", tag = "faults", responses((status = 204)))]
async fn panics(_: Anonymous, query: Query) -> NoContent {
    assert!(query.get("calm").is_some(), "a secret of the server");
    NoContent
}

/// Never answers.
#[utoipa::path(get, path = "/api/v1/hangs/", tag = "faults", responses((status = 204)))]
async fn hangs(_: Anonymous) -> NoContent {
    tokio::time::sleep(Duration::from_hours(1)).await;
    NoContent
}

/// Nothing in the body.
#[utoipa::path(post, path = "/api/v1/accept/", tag = "things", responses((status = 202)))]
async fn accept(_: SignedIn) -> Accepted {
    Accepted(())
}

/// With its address.
#[utoipa::path(post, path = "/api/v1/hooks/", tag = "things", responses((status = 201)))]
async fn located(_: SignedIn) -> Created<BTreeMap<&'static str, &'static str>> {
    Created::new(BTreeMap::from([("url", "https://example.com/h")])).located("https://example.com/h")
}

/// A conflict.
#[utoipa::path(delete, path = "/api/v1/features/{feature_id}/", tag = "things", responses((status = 204)))]
async fn conflict(_: OwnFeature) -> Result<NoContent, ApiError> {
    Err(Error::Conflict {
        detail: "Locked.".to_owned(),
        code: Some("experiment_running"),
    }
    .into())
}
