//! The page of a list that is asked for (contract, admin API, section 0.3).

use std::collections::BTreeMap;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use liftgate_app::{Error, error::Missing};
use liftgate_model::page::{Page, Slice};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};

use super::Query;
use crate::client::Client;
use crate::error::ApiError;
use crate::form::rule;
use crate::reply::{Paged, Reply};
use crate::state::ApiState;

/// Pages of 10 items; `page_size` is ignored.
pub type Page10 = PageRequest<10, false>;
/// Pages of 999 items, fewer with `page_size`.
pub type Page999 = PageRequest<999, true>;

/// Which page is asked for, and where its neighbours are.
#[derive(Debug, Clone)]
pub struct PageRequest<const SIZE: u32, const CHOOSABLE: bool> {
    number: u64,
    size: u64,
    /// Scheme, host and path.
    base: String,
    /// The query by name, sorted.
    query: BTreeMap<String, Vec<String>>,
}

impl<const SIZE: u32, const CHOOSABLE: bool> PageRequest<SIZE, CHOOSABLE> {
    /// The part of the list to load.
    pub fn slice(&self) -> Slice {
        Slice {
            offset: (self.number - 1).saturating_mul(self.size),
            limit: self.size,
        }
    }

    /// The answer with a loaded part of the list.
    ///
    /// # Errors
    /// 404 `Invalid page.` beyond the end; an empty list has one empty page.
    pub fn reply<T>(&self, page: Page<T>) -> Result<Reply<Paged<T>>, ApiError> {
        self.paged(page).map(Reply)
    }

    /// The body alone, for lists that add members.
    ///
    /// # Errors
    /// As [`reply`](Self::reply).
    pub fn paged<T>(&self, page: Page<T>) -> Result<Paged<T>, ApiError> {
        let pages = page.total.div_ceil(self.size).max(1);
        if self.number > pages {
            return Err(invalid_page());
        }
        Ok(Paged {
            count: page.total,
            next: (self.number < pages).then(|| self.link(self.number + 1)),
            previous: (self.number > 1).then(|| self.link(self.number - 1)),
            results: page.items,
            extra: serde_json::Map::new(),
        })
    }

    /// The address of another page: the same query with its names sorted, without `page` for the first.
    fn link(&self, number: u64) -> String {
        let mut query = self.query.clone();
        query.remove("page");
        if number > 1 {
            query.insert("page".to_owned(), vec![number.to_string()]);
        }
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, values) in &query {
            for value in values {
                text.append_pair(name, value);
            }
        }
        let text = text.finish();
        if text.is_empty() {
            self.base.clone()
        } else {
            format!("{}?{text}", self.base)
        }
    }
}

fn invalid_page() -> ApiError {
    Error::NotFound(Missing::Text("Invalid page.".to_owned())).into()
}

impl<const SIZE: u32, const CHOOSABLE: bool> FromRequestParts<ApiState> for PageRequest<SIZE, CHOOSABLE> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let query = Query::new(parts.uri.query().unwrap_or_default());
        let number = match query.get("page") {
            None | Some("") => 1,
            Some(text) => rule::integer_text(text)
                .and_then(|number| u64::try_from(number).ok())
                .filter(|number| *number >= 1)
                .ok_or_else(invalid_page)?,
        };
        let largest = u64::from(SIZE);
        let size = query
            .get("page_size")
            .filter(|_| CHOOSABLE)
            .and_then(rule::integer_text)
            .and_then(|size| u64::try_from(size).ok())
            .filter(|size| *size >= 1)
            .map_or(largest, |size| size.min(largest));
        let client = Client::of(parts, &state.settings.trusted_proxies);
        let mut sorted: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in query.pairs() {
            sorted.entry(name.clone()).or_default().push(value.clone());
        }
        Ok(Self {
            number,
            size,
            base: format!("{}{}", client.origin, parts.uri.path()),
            query: sorted,
        })
    }
}

impl<const SIZE: u32, const CHOOSABLE: bool> IntoParams for PageRequest<SIZE, CHOOSABLE> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let integer = |name: &str, description: &str| {
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Query)
                .description(Some(description))
                .schema(Some(
                    ObjectBuilder::new()
                        .schema_type(SchemaType::Type(Type::Integer))
                        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
                        .minimum(Some(1)),
                ))
                .build()
        };
        let mut parameters = vec![integer("page", "Which page; 1 is the first.")];
        if CHOOSABLE {
            parameters.push(integer(
                "page_size",
                "Items on a page, at most 999 and by default 999.",
            ));
        }
        parameters
    }
}
