//! Feature states of any kind, by id.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::states::{self, NewState, StateEdit};
use liftgate_app::{App, Error};
use liftgate_model::{EnvironmentId, FeatureId, FeatureSegmentId, IdentityId};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::WritableState;
use super::wire::ColumnsStateBody;
use crate::auth::SignedIn;
use crate::error::ApiError;
use crate::extract::{Body, Page10, PathUuid, Query};
use crate::form::{Form, Mode, Parse, Patch};
use crate::reply::{Created, Paged, Reply};
use crate::v1::value::{NewColumns, NewShare};

/// A state to be made or changed. `environment` and `feature` are needed except in a PATCH, and never changed.
#[derive(Debug, ToSchema)]
#[schema(as = FeatureStateByIdInput)]
pub struct StateInput {
    /// The id of the environment.
    #[schema(value_type = i32)]
    environment: Patch<EnvironmentId>,
    /// The id of the feature.
    #[schema(value_type = i32)]
    feature: Patch<FeatureId>,
    /// On or off.
    #[schema(value_type = Option<bool>)]
    enabled: Patch<bool>,
    /// The value.
    #[schema(value_type = Option<NewColumns>)]
    feature_state_value: Patch<NewColumns>,
    /// The link that a new segment override hangs on.
    #[schema(value_type = Option<i32>)]
    feature_segment: Option<FeatureSegmentId>,
    /// The identity of a new identity override.
    #[schema(value_type = Option<i32>)]
    identity: Option<IdentityId>,
    /// The same by the name that clients use.
    identifier: Option<String>,
    /// The unpublished version a new state is to be in.
    environment_feature_version: Option<Uuid>,
    /// All shares of the options.
    #[schema(value_type = Option<Vec<NewShare>>)]
    multivariate_feature_state_values: Patch<Vec<NewShare>>,
}

impl Parse for StateInput {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let environment = form.id("environment").change_required();
        let feature = form.id("feature").change_required();
        let enabled = form.boolean("enabled").change();
        let value = form.nested("feature_state_value").change();
        let feature_segment = form.id("feature_segment").nullable().optional();
        let identity = form.id("identity").nullable().optional();
        let identifier = form.text("identifier").optional();
        let version = form.uuid("environment_feature_version").nullable().optional();
        let shares = form.objects("multivariate_feature_state_values").change();
        Some(Self {
            environment: environment?,
            feature: feature?,
            enabled: enabled?,
            feature_state_value: value?,
            feature_segment: feature_segment?,
            identity: identity?,
            identifier: identifier?,
            environment_feature_version: version?,
            multivariate_feature_state_values: shares?,
        })
    }
}

impl StateInput {
    fn into_new(self, environment: EnvironmentId) -> Result<NewState, Error> {
        let shares = self.multivariate_feature_state_values.value().unwrap_or_default();
        let feature = self.feature.value();
        Ok(NewState {
            environment: self.environment.value().unwrap_or(environment),
            feature: feature.ok_or_else(|| Error::field("feature", "This field is required."))?,
            enabled: self.enabled.value().unwrap_or_default(),
            value: self.feature_state_value.value().unwrap_or_default().into(),
            feature_segment: self.feature_segment,
            identity: self.identity,
            identifier: self.identifier,
            version: self.environment_feature_version,
            shares: shares.into_iter().map(Into::into).collect(),
        })
    }
}

impl From<StateInput> for StateEdit {
    fn from(input: StateInput) -> Self {
        let shares = input.multivariate_feature_state_values.value();
        Self {
            feature: input.feature.value(),
            environment: input.environment.value(),
            enabled: input.enabled.value(),
            value: input.feature_state_value.value().unwrap_or_default().into(),
            shares: shares.map(|shares| shares.into_iter().map(Into::into).collect()),
        }
    }
}

/// What the query says beside the environment.
struct ListQuery {
    feature: Option<FeatureId>,
    feature_segment: Option<FeatureSegmentId>,
}

impl Parse for ListQuery {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature = form.integer("feature").optional();
        let feature_segment = form.integer("feature_segment").optional();
        Some(Self {
            feature: feature?.map(FeatureId),
            feature_segment: feature_segment?.map(FeatureSegmentId),
        })
    }
}

/// The environment that a request names; who names none may not do anything.
fn environment(text: &str) -> Result<EnvironmentId, Error> {
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let id = text.parse().ok().filter(|_| digits).map(EnvironmentId);
    id.ok_or_else(Error::forbidden)
}

/// What is live in an environment: defaults, segment overrides and identity overrides together, by id.
#[utoipa::path(get, path = "/api/v1/features/featurestates/", tag = "feature-states",
    params(("environment" = i32, Query), ("feature" = Option<i32>, Query),
        ("feature_segment" = Option<i32>, Query), Page10),
    responses((status = 200, body = Paged<ColumnsStateBody>)))]
pub async fn list(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    page: Page10,
    query: Query,
) -> Result<Reply<Paged<ColumnsStateBody>>, ApiError> {
    let environment = environment(query.get("environment").unwrap_or_default())?;
    let ListQuery {
        feature,
        feature_segment,
    } = query.parse()?;
    let found =
        states::list_in_environment(&app, &actor, environment, feature, feature_segment, page.slice())
            .await?;
    page.reply(found.map(ColumnsStateBody::from))
}

/// Makes a state: of a link, of an identity, or a default that was removed.
#[utoipa::path(post, path = "/api/v1/features/featurestates/", tag = "feature-states", request_body = StateInput,
    responses((status = 201, body = ColumnsStateBody)))]
pub async fn create(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Created<ColumnsStateBody>, ApiError> {
    let named = match body.value().get("environment") {
        Some(Value::Number(number)) => environment(&number.to_string())?,
        Some(Value::String(text)) => environment(text)?,
        _ => return Err(Error::forbidden().into()),
    };
    let input: StateInput = body.parse(Mode::Create)?;
    let new = input.into_new(named)?;
    Ok(Created::new(states::create(&app, &actor, new).await?.into()))
}

/// Changes a state.
#[utoipa::path(put, path = "/api/v1/features/featurestates/{feature_state_id}/", tag = "feature-states",
    request_body = StateInput, responses((status = 200, body = ColumnsStateBody)))]
pub async fn put(
    WritableState { actor, id }: WritableState,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<ColumnsStateBody>, ApiError> {
    let input: StateInput = body.parse(Mode::Put)?;
    Ok(Reply(
        states::update(&app, &actor, id, input.into()).await?.into(),
    ))
}

/// Changes some things about a state.
#[utoipa::path(patch, path = "/api/v1/features/featurestates/{feature_state_id}/", tag = "feature-states",
    request_body = StateInput, responses((status = 200, body = ColumnsStateBody)))]
pub async fn patch(
    WritableState { actor, id }: WritableState,
    State(app): State<Arc<App>>,
    body: Body,
) -> Result<Reply<ColumnsStateBody>, ApiError> {
    let input: StateInput = body.parse(Mode::Patch)?;
    Ok(Reply(
        states::update(&app, &actor, id, input.into()).await?.into(),
    ))
}

/// One state by its public id, in any project the caller sees.
#[utoipa::path(get, path = "/api/v1/features/featurestates/get-by-uuid/{uuid}/", tag = "feature-states",
    responses((status = 200, body = ColumnsStateBody)))]
pub async fn by_uuid(
    SignedIn(actor): SignedIn,
    State(app): State<Arc<App>>,
    PathUuid(uuid): PathUuid,
) -> Result<Reply<ColumnsStateBody>, ApiError> {
    Ok(Reply(states::find_by_uuid(&app, &actor, uuid).await?.into()))
}
