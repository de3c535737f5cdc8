//! How often one caller may do one thing (contract, admin API, section 0.6).
//!
//! A sliding window per name and caller: the caller is the signed-in person or key, else the address. A handler takes
//! `Throttle<Login>` right after its guard, so that a request counts before its body is looked at.

mod limits;
mod window;

pub use limits::*;
pub use window::Throttles;

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use liftgate_model::account::Actor;
use liftgate_model::{Clock, MasterKeyId, UserId};

use crate::client::{Client, TrustedProxies};
use crate::error::ApiError;

/// Whom requests are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A signed-in person.
    User(UserId),
    /// A master key.
    MasterKey(MasterKeyId),
    /// Nobody in particular: an address, IPv6 by its /64 because that is what one household has.
    Address(IpAddr),
}

impl From<&Actor> for Caller {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::User(user) => Self::User(user.id),
            Actor::MasterKey(key) => Self::MasterKey(key.id),
        }
    }
}

impl From<IpAddr> for Caller {
    fn from(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
            IpAddr::V4(address) => IpAddr::V4(address),
        })
    }
}

/// Counts the request under the scope; take it right after the guard.
#[derive(Debug, Clone, Copy)]
pub struct Throttle<S>(PhantomData<fn() -> S>);

impl<S: Send + Sync, N: Scope> FromRequestParts<S> for Throttle<N>
where
    TrustedProxies: FromRef<S>,
    Arc<Throttles>: FromRef<S>,
    Arc<dyn Clock>: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = match parts.extensions.get::<Actor>() {
            Some(actor) => actor.into(),
            None => Client::of(parts, &TrustedProxies::from_ref(state)).address.into(),
        };
        let clock = Arc::<dyn Clock>::from_ref(state);
        Arc::<Throttles>::from_ref(state).check::<N>(caller, clock.now())?;
        Ok(Self(PhantomData))
    }
}
