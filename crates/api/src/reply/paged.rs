//! The body of a paged list.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One page of a list (contract, admin API, section 0.3).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Paged<T> {
    /// Items in the whole list.
    pub count: u64,
    /// Where the next page is.
    #[schema(
        format = "uri",
        example = "https://flags.example.com/api/v1/organisations/?page=3"
    )]
    pub next: Option<String>,
    /// Where the page before is.
    #[schema(format = "uri", example = "https://flags.example.com/api/v1/organisations/")]
    pub previous: Option<String>,
    /// The items of this page.
    pub results: Vec<T>,
    /// What single lists add, such as `status_counts`.
    #[serde(flatten)]
    #[schema(ignore)]
    pub extra: Map<String, Value>,
}

impl<T> Paged<T> {
    /// Adds a member to the body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }
}
