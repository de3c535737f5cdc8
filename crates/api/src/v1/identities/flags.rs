//! What the flags are for one identity.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::OnEnvironment;
use liftgate_app::access::need::{UpdateFeatureState, ViewEnvironment};
use liftgate_app::identities::flags::{self, IdentityFlag, OverriddenBy};
use liftgate_model::IdentityId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::GuardedEnvironment;
use crate::error::ApiError;
use crate::extract::{Body, PathId};
use crate::form::{Form, Mode, Parse};
use crate::reply::Reply;
use crate::v1::value::Plain;

/// A flag as one identity gets it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentityFlag)]
pub struct IdentityFlagBody {
    /// The feature.
    pub feature: IdentityFlagFeature,
    /// On or off.
    pub enabled: bool,
    /// The value, of the variant the identity is in.
    pub feature_state_value: Plain,
    /// `IDENTITY`, `SEGMENT`, or null for the environment's default.
    #[schema(example = "SEGMENT")]
    pub overridden_by: Option<&'static str>,
    /// The segment whose override it is.
    pub segment: Option<IdentityFlagSegment>,
    /// The options with their shares, in the order they are walked in.
    pub multivariate_feature_state_values: Vec<IdentityFlagShare>,
}

/// The feature of a flag.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityFlagFeature {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "checkout")]
    pub name: String,
    /// `STANDARD` or `MULTIVARIATE`.
    #[serde(rename = "type")]
    #[schema(example = "STANDARD")]
    pub kind: &'static str,
}

/// A segment by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityFlagSegment {
    /// Id.
    pub id: i32,
    /// Name.
    #[schema(example = "Pro customers")]
    pub name: String,
}

/// The share of an option.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityFlagShare {
    /// The option.
    pub multivariate_feature_option: IdentityFlagOption,
    /// 0 to 100.
    #[schema(example = 30.0)]
    pub percentage_allocation: f64,
}

/// An option by value.
#[derive(Debug, Serialize, ToSchema)]
pub struct IdentityFlagOption {
    /// The value.
    pub value: Plain,
}

impl From<IdentityFlag> for IdentityFlagBody {
    fn from(flag: IdentityFlag) -> Self {
        let (overridden_by, segment) = match flag.overridden_by {
            None => (None, None),
            Some(OverriddenBy::Identity) => (Some("IDENTITY"), None),
            Some(OverriddenBy::Segment { id, name }) => {
                (Some("SEGMENT"), Some(IdentityFlagSegment { id: id.0, name }))
            }
        };
        let share = |(value, percentage_allocation)| IdentityFlagShare {
            multivariate_feature_option: IdentityFlagOption { value: Plain(value) },
            percentage_allocation,
        };
        Self {
            feature: IdentityFlagFeature {
                id: flag.feature.id.0,
                name: flag.feature.name,
                kind: flag.feature.kind.as_str(),
            },
            enabled: flag.enabled,
            feature_state_value: Plain(flag.value),
            overridden_by,
            segment,
            multivariate_feature_state_values: flag.variants.into_iter().map(share).collect(),
        }
    }
}

/// The identity to copy from.
#[derive(Debug, ToSchema)]
pub struct SourceIdentity {
    /// The id of another identity of the environment.
    source_identity_id: i32,
}

impl Parse for SourceIdentity {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let source = form.integer("source_identity_id").required();
        Some(Self {
            source_identity_id: source?,
        })
    }
}

/// Every flag as an identity gets it with its stored traits.
#[utoipa::path(get,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/all/",
    tag = "identities", params(("environment_key" = String, Path), ("identity_id" = i32, Path)),
    responses((status = 200, body = Vec<IdentityFlagBody>)))]
pub async fn all(
    GuardedEnvironment(on): GuardedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
) -> Result<Reply<Vec<IdentityFlagBody>>, ApiError> {
    shown(&app, &on, identity).await
}

/// Makes the overrides of an identity those of another, and answers all its flags.
#[utoipa::path(post,
    path = "/api/v1/environments/{environment_key}/identities/{identity_id}/featurestates/clone-from-given-identity/",
    tag = "identities", params(("environment_key" = String, Path), ("identity_id" = i32, Path)),
    request_body = SourceIdentity, responses((status = 200, body = Vec<IdentityFlagBody>)))]
pub async fn clone_from_given_identity(
    GuardedEnvironment(on): GuardedEnvironment<UpdateFeatureState>,
    State(app): State<Arc<App>>,
    PathId(identity): PathId<IdentityId>,
    body: Body,
) -> Result<Reply<Vec<IdentityFlagBody>>, ApiError> {
    let source: SourceIdentity = body.parse(Mode::Create)?;
    flags::copy_overrides(&app, &on, identity, IdentityId(source.source_identity_id)).await?;
    shown(&app, &on, identity).await
}

async fn shown<N>(
    app: &App,
    on: &OnEnvironment<N>,
    identity: IdentityId,
) -> Result<Reply<Vec<IdentityFlagBody>>, ApiError> {
    let all = flags::effective(app, on, identity).await?;
    Ok(Reply(all.into_iter().map(IdentityFlagBody::from).collect()))
}
