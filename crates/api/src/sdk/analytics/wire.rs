//! What SDKs report of evaluations.

use utoipa::ToSchema;

use crate::form::{Form, Parse};
use crate::sdk::identities::wire::IDENTIFIER_CHARACTERS;

/// Evaluations of features.
#[derive(Debug, ToSchema)]
pub struct EvaluationReport {
    evaluations: Vec<ReportedEvaluation>,
}

/// Evaluations of one feature with one outcome.
#[derive(Debug, ToSchema)]
pub struct ReportedEvaluation {
    feature_name: String,
    /// For whom; may be missing.
    #[expect(dead_code, reason = "part of the contract, checked and not kept")]
    identity_identifier: Option<String>,
    /// Whether the feature was on.
    #[expect(dead_code, reason = "part of the contract, checked and not kept")]
    enabled_when_evaluated: bool,
    /// How many.
    count: i32,
}

impl EvaluationReport {
    /// Names and counts.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&str, i64)> {
        self.evaluations
            .iter()
            .map(|item| (item.feature_name.as_str(), item.count.into()))
    }
}

impl Parse for EvaluationReport {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let evaluations = form.objects("evaluations").required();
        Some(Self {
            evaluations: evaluations?,
        })
    }
}

impl Parse for ReportedEvaluation {
    fn parse(form: &mut Form<'_>) -> Option<Self> {
        let feature_name = form.text("feature_name").required();
        let identifier = form
            .text("identity_identifier")
            .nullable()
            .max(IDENTIFIER_CHARACTERS);
        let identity_identifier = identifier.optional();
        let enabled_when_evaluated = form.boolean("enabled_when_evaluated").required();
        let count = form.integer("count").required();
        Some(Self {
            feature_name: feature_name?,
            identity_identifier: identity_identifier?,
            enabled_when_evaluated: enabled_when_evaluated?,
            count: count?,
        })
    }
}
