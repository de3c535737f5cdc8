//! Every method by name, on JSON: the one mapping between documents and functions.
//!
//! A document is `{"method": M, "cases": [{"id", "input"}]}`; the answer `{"method": M, "cases": [{"id", "output"}]}` has an
//! output for every case, in order. An output is an object with the fields of the method. Where there is no estimate it has
//! a `status` that says why: one of [`Unestimable`], `invalid_statistics` for numbers that cannot be, or
//! `invalid_input` for input that cannot be read; the last two with an `error` in words. A bad case never stops the others.
//!
//! # Adding a method
//!
//! Give [`Method`] a variant and a name, and write a function from a typed input to a [`Value`] in the file of its kind.

mod effects;
mod families;
mod input;
mod metrics;
mod planning;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::error::{InvalidStatistics, Unestimable};
use crate::guardrail::NoGuardrail;

/// Cases that one document may have.
pub const MAX_CASES: usize = 100_000;

/// A method by its name.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Method {
    /// Mean and variance of an arm.
    Moments,
    /// Welch's test of the absolute effect.
    WelchAbsolute,
    /// The lift by the delta method.
    RelativeDelta,
    /// The lift by Fieller's interval.
    Fieller,
    /// Few events: score intervals and tests.
    Proportions,
    /// The asymptotic confidence sequence.
    SequentialCs,
    /// Group sequential boundaries.
    GroupSequential,
    /// Covariate adjustment.
    Cuped,
    /// Post-stratification.
    Poststratification,
    /// Capping of extreme values.
    Winsorise,
    /// Pearson's test of the split.
    SrmChi2,
    /// The e-process of the split.
    SrmSequential,
    /// Ratio metrics.
    Ratio,
    /// Quantile metrics.
    Quantile,
    /// Corrections of a family.
    MultipleTesting,
    /// Guardrails.
    Noninferiority,
    /// Sample size, power and detectable effect.
    Power,
    /// Posterior and risks.
    Bayesian,
    /// Best of all, and bandit weights.
    Thompson,
    /// Cochran's test between groups.
    Heterogeneity,
    /// What to do.
    Decision,
}

impl Method {
    /// All methods, in the order of the contract.
    pub const ALL: [Self; 21] = [
        Self::Moments,
        Self::WelchAbsolute,
        Self::RelativeDelta,
        Self::Fieller,
        Self::Proportions,
        Self::SequentialCs,
        Self::GroupSequential,
        Self::Cuped,
        Self::Poststratification,
        Self::Winsorise,
        Self::SrmChi2,
        Self::SrmSequential,
        Self::Ratio,
        Self::Quantile,
        Self::MultipleTesting,
        Self::Noninferiority,
        Self::Power,
        Self::Bayesian,
        Self::Thompson,
        Self::Heterogeneity,
        Self::Decision,
    ];

    /// The name in documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moments => "moments",
            Self::WelchAbsolute => "welch_absolute",
            Self::RelativeDelta => "relative_delta",
            Self::Fieller => "fieller",
            Self::Proportions => "proportions",
            Self::SequentialCs => "sequential_cs",
            Self::GroupSequential => "group_sequential",
            Self::Cuped => "cuped",
            Self::Poststratification => "poststratification",
            Self::Winsorise => "winsorise",
            Self::SrmChi2 => "srm_chi2",
            Self::SrmSequential => "srm_sequential",
            Self::Ratio => "ratio",
            Self::Quantile => "quantile",
            Self::MultipleTesting => "multiple_testing",
            Self::Noninferiority => "noninferiority",
            Self::Power => "power",
            Self::Bayesian => "bayesian",
            Self::Thompson => "thompson",
            Self::Heterogeneity => "heterogeneity",
            Self::Decision => "decision",
        }
    }

    /// The method of a name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// The output for one input; see the [module](self) for outputs without an estimate.
    pub fn output(self, input: &Value) -> Value {
        let computed = match self {
            Self::Moments => effects::moments(input),
            Self::WelchAbsolute => effects::welch_absolute(input),
            Self::RelativeDelta => effects::relative_delta(input),
            Self::Fieller => effects::fieller(input),
            Self::SequentialCs => effects::sequential_cs(input),
            Self::Bayesian => effects::bayesian(input),
            Self::Noninferiority => effects::noninferiority(input),
            Self::Proportions => metrics::proportions(input),
            Self::Cuped => metrics::cuped(input),
            Self::Poststratification => metrics::poststratification(input),
            Self::Winsorise => metrics::winsorise(input),
            Self::Ratio => metrics::ratio(input),
            Self::Quantile => metrics::quantile(input),
            Self::SrmChi2 => families::srm_chi2(input),
            Self::SrmSequential => families::srm_sequential(input),
            Self::MultipleTesting => families::multiple_testing(input),
            Self::Thompson => families::thompson(input),
            Self::Heterogeneity => families::heterogeneity(input),
            Self::GroupSequential => planning::group_sequential(input),
            Self::Power => planning::power(input),
            Self::Decision => planning::decision(input),
        };
        computed.unwrap_or_else(|fault| fault.output())
    }
}

/// Cases of one method, as read.
#[derive(Debug, Deserialize)]
struct CaseFile {
    method: String,
    cases: Vec<Value>,
}

/// The answer to a document.
#[derive(Debug, Serialize)]
pub struct CaseOutputs {
    /// The method, as given.
    pub method: &'static str,
    /// One output a case, in order.
    pub cases: Vec<CaseOutput>,
}

/// The answer to one case.
#[derive(Debug, Serialize)]
pub struct CaseOutput {
    /// The case's `id`, as given; null if it has none.
    pub id: Value,
    /// What the method says.
    pub output: Value,
}

/// Why a whole document cannot be answered.
#[derive(Debug, Error)]
pub enum InvalidDocument {
    /// It is not JSON, or not a document of cases.
    #[error(
        "the document cannot be read: {0}; it must be {{\"method\": M, \"cases\": [{{\"id\", \"input\"}}]}}"
    )]
    Unreadable(#[from] serde_json::Error),
    /// No method has that name.
    #[error("unknown method {0:?}; the methods are {methods}", methods = method_names())]
    UnknownMethod(String),
    /// It has too many cases.
    #[error("{0} cases are more than {MAX_CASES}; divide the document")]
    TooManyCases(usize),
}

/// Answers every case of a document.
///
/// # Errors
/// [`InvalidDocument`] if the document as a whole cannot be answered. A bad case is no such error.
pub fn answer(document: &[u8]) -> Result<CaseOutputs, InvalidDocument> {
    let file: CaseFile = serde_json::from_slice(document)?;
    let method = Method::find(&file.method).ok_or(InvalidDocument::UnknownMethod(file.method))?;
    if file.cases.len() > MAX_CASES {
        return Err(InvalidDocument::TooManyCases(file.cases.len()));
    }
    let cases = file
        .cases
        .into_iter()
        .map(|case| CaseOutput {
            id: case.get("id").cloned().unwrap_or(Value::Null),
            output: match case.get("input") {
                Some(input) => method.output(input),
                None => Fault::input("the case has no input").output(),
            },
        })
        .collect();
    Ok(CaseOutputs {
        method: method.as_str(),
        cases,
    })
}

fn method_names() -> String {
    Method::ALL.map(Method::as_str).join(", ")
}

/// Why a case has no estimate.
#[derive(Debug)]
enum Fault {
    Input(String),
    Invalid(InvalidStatistics),
    Unestimable(Unestimable),
}

impl Fault {
    fn input(message: impl Into<String>) -> Self {
        Self::Input(message.into())
    }

    fn output(&self) -> Value {
        match self {
            Self::Input(message) => json!({"status": "invalid_input", "error": message}),
            Self::Invalid(error) => json!({"status": "invalid_statistics", "error": error.to_string()}),
            Self::Unestimable(reason) => json!({ "status": reason }),
        }
    }
}

impl From<InvalidStatistics> for Fault {
    fn from(error: InvalidStatistics) -> Self {
        Self::Invalid(error)
    }
}

impl From<Unestimable> for Fault {
    fn from(reason: Unestimable) -> Self {
        Self::Unestimable(reason)
    }
}

impl From<NoGuardrail> for Fault {
    fn from(reason: NoGuardrail) -> Self {
        match reason {
            NoGuardrail::Unestimable(reason) => Self::Unestimable(reason),
            NoGuardrail::Invalid(error) => Self::Invalid(error),
        }
    }
}

/// Output or why there is none.
type Outcome = Result<Value, Fault>;

/// Reads a typed input.
fn read<T: for<'de> Deserialize<'de>>(input: &Value) -> Result<T, Fault> {
    T::deserialize(input).map_err(|error| Fault::Input(error.to_string()))
}

/// The name of a result that may be missing: `ok` or the reason.
fn status_of<T>(result: &Result<T, Unestimable>) -> Value {
    match result {
        Ok(_) => json!("ok"),
        Err(reason) => json!(reason),
    }
}

/// Adds the fields of `more` to those of `output`.
fn joined(mut output: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut output, more) {
        fields.extend(more);
    }
    output
}
