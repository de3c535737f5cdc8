//! Names and ids in the path.
//!
//! Parameters have one name everywhere (`project_id`, `environment_key`), so an extractor needs only a type to know
//! which it reads, and the OpenAPI document describes them by itself.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use liftgate_app::{Error, error::Missing};
use liftgate_model as model;
use uuid::Uuid;

use crate::error::{ApiError, Refusal};
use crate::form::wording;

/// An id that stands in paths.
pub trait PathName: From<i32> + Send {
    /// The parameter's name: `project_id`.
    const NAME: &'static str;
    /// The model's name in `No Project matches the given query.`
    const MODEL: &'static str;
}

/// Gives ids their names in paths and messages.
macro_rules! path_names {
    ($($id:ident $name:literal $model:literal;)+) => {
        $(impl PathName for model::$id {
            const NAME: &'static str = $name;
            const MODEL: &'static str = $model;
        })+
    };
}

path_names! {
    UserId "user_id" "FFAdminUser";
    OrganisationId "organisation_id" "Organisation";
    ProjectId "project_id" "Project";
    EnvironmentId "environment_id" "Environment";
    EnvironmentKeyId "environment_key_id" "EnvironmentAPIKey";
    FeatureId "feature_id" "Feature";
    OptionId "option_id" "MultivariateFeatureOption";
    FeatureStateId "feature_state_id" "FeatureState";
    FeatureSegmentId "feature_segment_id" "FeatureSegment";
    SegmentId "segment_id" "Segment";
    IdentityId "identity_id" "Identity";
    TraitId "trait_id" "Trait";
    ExperimentId "experiment_id" "Experiment";
    MetricId "metric_id" "Metric";
    ExperimentMetricId "experiment_metric_id" "ExperimentMetric";
    WarehouseConnectionId "connection_id" "WarehouseConnection";
    AuditId "audit_id" "AuditLog";
    InviteId "invite_id" "Invite";
    InviteLinkId "invite_link_id" "InviteLink";
    GroupId "group_id" "UserPermissionGroup";
    TagId "tag_id" "Tag";
}

/// A numeric id from the path, by the parameter's name.
///
/// # Errors
/// 404 `Not found.` when it is no integer, 404 `No <Model> matches the given query.` when no id can be that large, and
/// 500 when the route has no such parameter.
pub async fn id<T: PathName>(parts: &mut Parts) -> Result<T, ApiError> {
    let text = text(parts, T::NAME).await?;
    match parse(&text) {
        Some(id) => i32::try_from(id)
            .map(T::from)
            .map_err(|_| Error::missing(T::MODEL).into()),
        None => Err(Error::NotFound(Missing::Plain).into()),
    }
}

/// Like [`id`], for routes whose pattern takes integers only: anything else is a path that does not exist, and gets the
/// page (contract, admin API, section 0.2).
///
/// # Errors
/// As [`id`].
pub async fn strict_id<T: PathName>(parts: &mut Parts) -> Result<T, ApiError> {
    let text = text(parts, T::NAME).await?;
    if text.is_empty() || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Refusal::NoSuchPath.into());
    }
    id(parts).await
}

/// A parameter of the path as text, percent-decoded.
///
/// # Errors
/// 404 `Not found.` when it is not UTF-8 or has NUL characters, 500 when the route has no such parameter.
pub async fn text(parts: &mut Parts, name: &str) -> Result<String, ApiError> {
    let not_found = || ApiError::from(Error::NotFound(Missing::Plain));
    let parameters = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| not_found())?;
    let value = parameters
        .iter()
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned());
    match value {
        Some(value) if value.contains('\0') => Err(not_found()),
        Some(value) => Ok(value),
        None => Err(Error::internal(format!("the route has no path parameter {name}")).into()),
    }
}

/// Digits with an optional sign and blanks around them, which is what the contract's server looks up.
fn parse(text: &str) -> Option<i128> {
    let text = wording::trim(text);
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(i128::MAX))
}

/// A numeric id from the path: see [`id`].
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: PathName, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        id(parts).await.map(Self)
    }
}

/// A text parameter of the path, named by a type.
pub trait TextName: Send {
    /// The parameter's name: `environment_key`.
    const NAME: &'static str;
}

/// A text parameter of the path: see [`text()`].
#[derive(Debug, Clone)]
pub struct PathText<N> {
    /// The text, percent-decoded.
    pub text: String,
    name: std::marker::PhantomData<fn() -> N>,
}

impl<N: TextName, S: Send + Sync> FromRequestParts<S> for PathText<N> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let text = text(parts, N::NAME).await?;
        Ok(Self {
            text,
            name: std::marker::PhantomData,
        })
    }
}

/// A public id from the path, in the parameter `uuid`; 404 `Not found.` when it is none.
#[derive(Debug, Clone, Copy)]
pub struct PathUuid(pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for PathUuid {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let text = text(parts, "uuid").await?;
        Uuid::parse_str(&text)
            .map(Self)
            .map_err(|_| Error::NotFound(Missing::Plain).into())
    }
}
