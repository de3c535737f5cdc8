//! Whether an environment's flags were evaluated yet. Anybody who knows the client-side key may ask and tell, as the
//! first-steps page of clients does.

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::{App, environments};
use liftgate_model::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::permissions::EnvironmentKey;
use crate::auth::Anonymous;
use crate::error::ApiError;
use crate::extract::{Body, PathText};
use crate::form::{Form, Mode, Parse};
use crate::reply::{NoContent, Reply};

/// The SDKs that may be named.
const SDKS: [&str; 14] = [
    "flagsmith-dotnet-sdk",
    "flagsmith-elixir-sdk",
    "flagsmith-flutter-sdk",
    "flagsmith-go-sdk",
    "flagsmith-java-sdk",
    "flagsmith-js-sdk",
    "flagsmith-kotlin-android-sdk",
    "flagsmith-nodejs-sdk",
    "flagsmith-php-sdk",
    "flagsmith-python-sdk",
    "flagsmith-ruby-sdk",
    "flagsmith-rust-sdk",
    "flagsmith-swift-ios-sdk",
    "unknown",
];

/// The first evaluation.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnboardingStatus {
    #[schema(value_type = Option<String>, format = DateTime)]
    first_evaluated_at: Option<Timestamp>,
    first_evaluated_sdk_label: Option<String>,
}

/// Which SDK evaluated.
#[derive(ToSchema)]
pub struct EvaluatedBy {
    #[schema(value_type = String, example = "flagsmith-rust-sdk")]
    first_evaluated_sdk_label: &'static str,
}

impl Parse for EvaluatedBy {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let known = |name: &str| SDKS.into_iter().find(|sdk| *sdk == name);
        let label = form.choice("first_evaluated_sdk_label", known).required();
        Some(Self {
            first_evaluated_sdk_label: label?,
        })
    }
}

/// When the environment's flags were first evaluated, and by which SDK.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/onboarding-status/", tag = "environments",
    responses((status = 200, body = OnboardingStatus)))]
pub async fn read(
    _: Anonymous,
    State(app): State<Arc<App>>,
    key: PathText<EnvironmentKey>,
) -> Result<Reply<OnboardingStatus>, ApiError> {
    let first = environments::first_evaluation(&app, &key.text).await?;
    Ok(Reply(OnboardingStatus {
        first_evaluated_at: first.as_ref().map(|first| first.at),
        first_evaluated_sdk_label: first.map(|first| first.sdk),
    }))
}

/// Notes an evaluation; only the first one stays.
#[utoipa::path(put, path = "/api/v1/environments/{environment_key}/onboarding-status/", tag = "environments",
    request_body = EvaluatedBy, responses((status = 204)))]
pub async fn update(
    _: Anonymous,
    State(app): State<Arc<App>>,
    key: PathText<EnvironmentKey>,
    body: Body,
) -> Result<NoContent, ApiError> {
    let by: EvaluatedBy = body.parse(Mode::Create)?;
    environments::note_first_evaluation(&app, &key.text, by.first_evaluated_sdk_label).await?;
    Ok(NoContent)
}
