//! How the results of an experiment are judged.

use crate::metric::wire_enum;

wire_enum! {
    /// What goals and secondary metrics are judged by.
    AnalysisMethod {
        /// A group sequential test once units are planned, else confidence sequences.
        Auto = "auto",
        /// Confidence sequences: at every look.
        Sequential = "sequential",
        /// A group sequential test: at one look a day and at the end.
        GroupSequential = "group_sequential",
        /// The tests of a fixed horizon: once, at the end.
        Fixed = "fixed",
    }
}

wire_enum! {
    /// How the p-values of a family are corrected.
    Correction {
        /// Holm: the chance of one false finding or more.
        Holm = "holm",
        /// The same, each p-value by itself.
        Bonferroni = "bonferroni",
        /// Benjamini and Hochberg: the share of false findings.
        BenjaminiHochberg = "benjamini_hochberg",
        /// Benjamini and Yekutieli: the same under any dependence.
        BenjaminiYekutieli = "benjamini_yekutieli",
        /// Benjamini and Hochberg on the e-values of confidence sequences: the same under any dependence, at any time.
        EBenjaminiHochberg = "e_benjamini_hochberg",
    }
}

/// How the results of an experiment are judged: fixed before it starts, but for `max_days`.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalysisSettings {
    /// What goals and secondary metrics are judged by.
    pub method: AnalysisMethod,
    /// The level of a family.
    pub alpha: f64,
    /// The planned units of control and one treatment together.
    pub planned_units: Option<i32>,
    /// The lift of interest, a share.
    pub target_lift: Option<f64>,
    /// The wanted probability of finding it.
    pub power: f64,
    /// The mean of the lift that is believed in beforehand, a share.
    pub prior_mean: f64,
    /// Its standard deviation, a share.
    pub prior_sd: f64,
    /// The correction of goals.
    pub goal_correction: Correction,
    /// The correction of secondary metrics.
    pub secondary_correction: Correction,
    /// The share of control by which a guardrail may get worse.
    pub guardrail_margin: f64,
    /// Days before which nothing ships.
    pub min_days: i32,
    /// Days after which the experiment is over, found or not.
    pub max_days: i32,
    /// Whether the time before the exposure is taken into account (CUPED), whatever the metrics say; `None` leaves it to them.
    pub covariate: Option<bool>,
    /// The percentile at which identities are capped, 50 to 100, whatever the metrics say: 100 caps nothing; `None` leaves
    /// it to them.
    pub upper_percentile: Option<f64>,
}

impl Default for AnalysisSettings {
    fn default() -> Self {
        Self {
            method: AnalysisMethod::Auto,
            alpha: 0.05,
            planned_units: None,
            target_lift: None,
            power: 0.8,
            prior_mean: 0.0,
            prior_sd: 0.3,
            goal_correction: Correction::Holm,
            secondary_correction: Correction::BenjaminiHochberg,
            guardrail_margin: 0.02,
            min_days: 7,
            max_days: 28,
            covariate: None,
            upper_percentile: None,
        }
    }
}
