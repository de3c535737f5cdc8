//! From guarded handlers to one router: [`Routes`] collects them by resource, [`Assembly`] puts everything together
//! with the answers to what no handler takes.

mod unmatched;

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use liftgate_model::Random;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::guard::GuardedArgs;
use crate::methods::Operations;
use crate::middleware::{Frame, FrameSettings, database};
use crate::openapi;
use crate::state::ApiState;

/// Guarded handlers with their documentation. Made by [`operations!`](crate::operations), so that none gets in without
/// a guard.
#[must_use = "routes answer nothing until they are merged and assembled"]
#[derive(Clone, Default)]
pub struct Routes<S: Clone + Send + Sync + 'static = ApiState>(OpenApiRouter<S>);

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No handler yet.
    pub fn new() -> Self {
        Self(OpenApiRouter::default())
    }

    /// Both together.
    ///
    /// # Panics
    /// When both have the same method on the same path: a fault in the program that shows at start.
    pub fn merge(self, other: Self) -> Self {
        Self(self.0.merge(other.0))
    }

    /// One handler with the router that `utoipa_axum` made of it.
    #[doc(hidden)]
    pub fn operation<H, T>(self, _handler: &H, route: UtoipaMethodRouter<S>) -> Self
    where
        H: Handler<T, S>,
        T: GuardedArgs + 'static,
    {
        let (schemas, mut paths, methods) = route;
        for (path, item) in &mut paths.paths {
            openapi::declare(path, item, T::WHO, T::KEYS);
        }
        Self(self.0.routes((schemas, paths, methods)))
    }
}

/// Everything that one server answers.
#[must_use = "an assembly answers nothing until it is built"]
#[derive(Default)]
pub struct Assembly {
    router: Router,
    document: Option<OpenApi>,
    site: Option<Router>,
}

impl Assembly {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds routes with the state they need.
    ///
    /// # Panics
    /// When a method is there twice on one path.
    pub fn routes<S: Clone + Send + Sync + 'static>(mut self, routes: Routes<S>, state: S) -> Self {
        let (router, document) = routes.0.split_for_parts();
        self.add(router.with_state(state), document);
        self
    }

    /// Adds routes that answer 503 until the database was reached.
    ///
    /// # Panics
    /// As [`Assembly::routes`].
    pub fn routes_on_database(mut self, routes: Routes, state: ApiState) -> Self {
        let (router, document) = routes.0.split_for_parts();
        let layer = from_fn_with_state(state.clone(), database::need);
        self.add(router.route_layer(layer).with_state(state), document);
        self
    }

    fn add(&mut self, router: Router, document: OpenApi) {
        self.router = std::mem::take(&mut self.router).merge(router);
        match &mut self.document {
            Some(whole) => whole.merge(document),
            None => self.document = Some(document),
        }
    }

    /// What answers paths outside of the API that no route matches: the dashboard.
    pub fn site(mut self, site: Router) -> Self {
        self.site = Some(site);
        self
    }

    /// The OpenAPI document of all routes so far.
    pub fn document(&self) -> OpenApi {
        openapi::complete(self.document.clone().unwrap_or_default())
    }

    /// The finished router: all routes, the documentation pages, what answers unknown paths and methods, and the
    /// middleware around it all.
    pub fn build(self, settings: FrameSettings, random: &dyn Random) -> Router {
        let document = self.document();
        let operations = Arc::new(Operations::of(&document));
        let (by_method, by_path, site) = (Arc::clone(&operations), Arc::clone(&operations), self.site);
        let router = self
            .router
            .merge(openapi::pages(&document))
            .method_not_allowed_fallback(move |path: MatchedPath, request: Request| {
                std::future::ready(by_method.other_method(path.as_str(), request.method()))
            })
            .fallback(move |request: Request| unmatched::answer(Arc::clone(&by_path), site.clone(), request));
        Frame::new(settings, random, operations).around(router)
    }
}

/// The routes of the handlers, each of which must be guarded: `operations!(list, create, read)`.
///
/// The handlers carry `#[utoipa::path(...)]`, which gives path and method; the paths may differ.
#[macro_export]
macro_rules! operations {
    ($($handler:path),+ $(,)?) => {{
        let routes = $crate::router::Routes::new();
        $(
            let routes = routes.operation(&$handler, $crate::__private::utoipa_axum::routes!($handler));
        )+
        routes
    }};
}
