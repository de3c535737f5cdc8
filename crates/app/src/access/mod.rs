//! Who may do what.
//!
//! The loader turns a caller and a name into an *authorised* resource: a proof that the caller has what the type
//! parameter says. Use-cases take that proof as an argument, so none can be called without a check, and they trust
//! nothing else: ids inside bodies go through the same loader.
//!
//! Whether a refusal is 404 or 403 is a rule of the route (contract, admin API, section 0.4): [`Refusal`].

pub mod grants;
mod loader;
pub mod need;
mod visible;

pub use loader::Access;

use grants::{EnvironmentGrants, OrganisationGrants, ProjectGrants};
use liftgate_model::account::{Actor, Organisation};
use liftgate_model::environment::Environment;
use liftgate_model::project::Project;
use std::marker::PhantomData;

/// How a route refuses a resource that is not there, or that the caller may not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 404 for what is missing or invisible; 403 for what is visible but not allowed.
    Hide,
    /// 404 for what is missing, or in a project that the caller may not see; 403 for all else that is not allowed.
    HideProject,
    /// 403 for everything.
    Forbid,
}

/// An organisation on which the caller has `N`.
#[derive(Debug, Clone)]
pub struct OnOrganisation<N> {
    /// Who asks.
    pub actor: Actor,
    /// The organisation.
    pub organisation: Organisation,
    /// Everything the caller has on it.
    pub grants: OrganisationGrants,
    need: PhantomData<fn() -> N>,
}

/// A project on which the caller has `N`.
#[derive(Debug, Clone)]
pub struct OnProject<N> {
    /// Who asks.
    pub actor: Actor,
    /// The project.
    pub project: Project,
    /// Everything the caller has on it.
    pub grants: ProjectGrants,
    need: PhantomData<fn() -> N>,
}

/// An environment on which the caller has `N`.
#[derive(Debug, Clone)]
pub struct OnEnvironment<N> {
    /// Who asks.
    pub actor: Actor,
    /// The environment.
    pub environment: Environment,
    /// Its project.
    pub project: Project,
    /// Everything the caller has on it.
    pub grants: EnvironmentGrants,
    /// Everything the caller has on the project.
    pub project_grants: ProjectGrants,
    need: PhantomData<fn() -> N>,
}
