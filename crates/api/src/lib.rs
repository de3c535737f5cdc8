//! The HTTP interface of Liftgate: wire types, extractors, routers, the mapping of errors, the OpenAPI document. Nothing
//! here knows SQL, and no rule about flags is decided here: a handler extracts, calls one use-case, converts, returns.
//!
//! To add a resource: a folder `v1/<resource>/` with its wire types and handlers, whose `routes()` lists the handlers
//! with [`operations!`](crate::operations), and a line where the routers are merged. The first argument of every handler
//! is a [`guard::Guard`], which says and enforces who may call; a handler without one does not compile:
//!
//! ```
//! use liftgate_api::auth::SignedIn;
//! use liftgate_api::error::ApiError;
//! use liftgate_api::extract::{Body, Page10};
//! use liftgate_api::form::{Form, Mode, Parse};
//! use liftgate_api::operations;
//! use liftgate_api::reply::{Created, Paged, Reply};
//! use liftgate_api::router::Routes;
//!
//! #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
//! struct Tag { id: i32, label: String }
//!
//! #[derive(utoipa::ToSchema)]
//! struct NewTag { label: String }
//!
//! impl Parse for NewTag {
//!     fn parse(form: &mut Form<'_>) -> Option<Self> {
//!         let label = form.text("label").max(100).required();
//!         Some(Self { label: label? })
//!     }
//! }
//!
//! /// The tags.
//! #[utoipa::path(get, path = "/api/v1/tags/", tag = "tags", params(Page10), responses((status = 200, body = Paged<Tag>)))]
//! async fn list(_: SignedIn, page: Page10) -> Result<Reply<Paged<Tag>>, ApiError> {
//!     let tags = liftgate_model::page::Page { total: 0, items: Vec::new() };
//!     page.reply(tags)
//! }
//!
//! /// A new tag.
//! #[utoipa::path(post, path = "/api/v1/tags/", tag = "tags", request_body = NewTag, responses((status = 201, body = Tag)))]
//! async fn create(_: SignedIn, body: Body) -> Result<Created<Tag>, ApiError> {
//!     let new: NewTag = body.parse(Mode::Create)?;
//!     Ok(Created::new(Tag { id: 1, label: new.label }))
//! }
//!
//! pub fn routes() -> Routes { operations!(list, create) }
//! # routes();
//! ```

pub mod access;
pub mod auth;
pub mod client;
pub mod credentials;
pub mod error;
pub mod extract;
pub mod form;
pub mod guard;
pub mod health;
pub mod json;
mod methods;
pub mod middleware;
pub mod openapi;
pub mod probes;
pub mod reply;
pub mod router;
pub mod sdk;
pub mod state;
pub mod throttle;
pub mod v1;

pub use state::{ApiState, Settings};

/// The release of the reference server whose API this is; sent as `Flagsmith-Version` with every answer.
pub const COMPATIBLE_VERSION: &str = "2.265.0";

#[doc(hidden)]
pub mod __private {
    //! What [`operations!`](crate::operations) expands to.
    pub use utoipa_axum;
}
