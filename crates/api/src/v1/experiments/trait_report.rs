//! How variants convert that older clients keep as traits (contract, admin API, section 7.12).

use std::sync::Arc;

use axum::extract::State;
use liftgate_app::App;
use liftgate_app::access::need::ViewEnvironment;
use liftgate_app::experiments::{self, TraitReport};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::access::ReportedEnvironment;
use crate::error::ApiError;
use crate::extract::Query;
use crate::form::{Form, Parse};
use crate::reply::Reply;

/// What is asked for.
struct Asked {
    feature: String,
}

impl Parse for Asked {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        Some(Self {
            feature: form.text("feature").max(200).required()?,
        })
    }
}

/// One variant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentVariantResult)]
pub struct VariantBody {
    /// The text of the trait.
    variant: String,
    /// The identities that have it.
    evaluations: u64,
    /// Those of them that converted.
    conversions: u64,
    /// Percent of them, to two places.
    conversion_rate: f64,
}

/// What the variants come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentStatistics)]
pub struct StatisticsBody {
    /// The probability of rates at least as uneven by chance alone.
    p_value: f64,
    /// Whether that is below 0.05.
    significant: bool,
    /// The probability of each variant to be the best.
    #[schema(value_type = Object)]
    chance_to_win: Map<String, Value>,
    /// Of two variants, how much the better one is above the other: `+50.0%`.
    lift: String,
    /// The best variant, if the difference is significant.
    winner: Option<String>,
    /// What to do, in words.
    recommendation: String,
    /// A warning while a variant has few identities.
    sample_size_warning: Option<String>,
}

/// The report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExperimentResults)]
pub struct TraitReportBody {
    /// The feature's name, as it was asked for.
    feature: String,
    /// The variants, by name.
    variants: Vec<VariantBody>,
    /// What they come to.
    statistics: StatisticsBody,
}

impl TraitReportBody {
    fn new(feature: String, report: TraitReport) -> Self {
        let TraitReport { variants, verdict } = report;
        let names = variants.iter().map(|variant| variant.text.clone());
        let chances = verdict.chances_to_win.into_iter().map(Value::from);
        Self {
            feature,
            statistics: StatisticsBody {
                p_value: verdict.p_value,
                significant: verdict.significant,
                chance_to_win: names.zip(chances).collect(),
                lift: verdict.lift,
                winner: verdict.winner,
                recommendation: verdict.recommendation,
                sample_size_warning: verdict.sample_size_warning,
            },
            variants: variants
                .into_iter()
                .map(|variant| VariantBody {
                    conversion_rate: TraitReport::conversion_percent(&variant),
                    variant: variant.text,
                    evaluations: variant.identities,
                    conversions: variant.conversions,
                })
                .collect(),
        }
    }
}

/// How the variants of a feature convert, by the traits `exp_<feature>_variant` (text) and `exp_<feature>_converted`
/// (true or false) of the environment's stored identities.
#[utoipa::path(get, path = "/api/v1/environments/{environment_key}/experiments/results/", tag = "experiments",
    params(("environment_key" = String, Path), ("feature" = String, Query, description = "The name of the feature")),
    responses((status = 200, body = TraitReportBody)))]
pub async fn trait_report(
    ReportedEnvironment(on): ReportedEnvironment<ViewEnvironment>,
    State(app): State<Arc<App>>,
    query: Query,
) -> Result<Reply<TraitReportBody>, ApiError> {
    let Asked { feature } = query.parse()?;
    let report = experiments::trait_report(&app, &on, &feature).await?;
    Ok(Reply(TraitReportBody::new(feature, report)))
}
