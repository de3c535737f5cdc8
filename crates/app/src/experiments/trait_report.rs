//! Experiments of older clients, which keep variant and conversion as traits of the identity (contract, admin API,
//! section 7.12).

use crate::App;
use crate::access::OnEnvironment;
use crate::access::need::ViewEnvironment;
use crate::error::{Error, Result};
use liftgate_stats::{Proportion, g_test, highest_share_probabilities};
use liftgate_store::identities::{self, TraitConversions};

/// Variants of a report. Any client can set a trait, so there may be any number of texts; those that most identities
/// have are the ones that are compared.
pub const MAX_VARIANTS: u64 = 50;

/// The p-value below which a difference is called one.
const SIGNIFICANT: f64 = 0.05;

/// Identities of a variant below which the report warns that its figures are unreliable, and that they are few.
const FEW_IDENTITIES: [u64; 2] = [30, 100];

/// The variants with what they come to.
#[derive(Debug, Clone, PartialEq)]
pub struct TraitReport {
    /// The variants by name, with their identities and how many of them converted.
    pub variants: Vec<TraitConversions>,
    /// What they come to.
    pub verdict: Verdict,
}

/// What a comparison of variants comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The probability of shares at least as uneven by chance alone, to four places; 1 without a comparison.
    pub p_value: f64,
    /// Whether that is below 0.05.
    pub significant: bool,
    /// The probability of each variant to have the highest share, in the order of the variants, to three places.
    pub chances_to_win: Vec<f64>,
    /// Of two variants, how much the better one is above the other, as text: `+50.0%`; otherwise words.
    pub lift: String,
    /// The variant with the highest share, if the difference is significant.
    pub winner: Option<String>,
    /// What to do, in words.
    pub recommendation: String,
    /// A warning, in words, while a variant has few identities.
    pub sample_size_warning: Option<String>,
}

/// How the variants of a feature convert, by the traits `exp_<feature>_variant`, a text, and `exp_<feature>_converted`,
/// true or false.
pub async fn trait_report(
    app: &App,
    on: &OnEnvironment<ViewEnvironment>,
    feature: &str,
) -> Result<TraitReport> {
    let variants = identities::count_conversions(
        &app.store.reader(),
        on.environment.id,
        &format!("exp_{feature}_variant"),
        &format!("exp_{feature}_converted"),
        MAX_VARIANTS,
    )
    .await?;
    let verdict = judge(&variants)?;
    Ok(TraitReport { variants, verdict })
}

fn judge(variants: &[TraitConversions]) -> Result<Verdict> {
    let verdict = |chances_to_win, recommendation: &str| Verdict {
        p_value: 1.0,
        significant: false,
        chances_to_win,
        lift: "N/A".to_owned(),
        winner: None,
        recommendation: recommendation.to_owned(),
        sample_size_warning: None,
    };
    let shares = variants
        .iter()
        .map(|variant| Proportion::new(variant.identities, variant.conversions))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::internal)?;
    match shares.len() {
        0 => return Ok(verdict(Vec::new(), "No experiment data found")),
        1 => return Ok(verdict(vec![1.0], "Need at least 2 variants for comparison")),
        _ => {}
    }
    let chances = highest_share_probabilities(&shares).map_err(Error::internal)?;
    let p_value = g_test(&shares);
    let significant = p_value < SIGNIFICANT;
    let best = best_of(&shares);
    let name = &variants[best].text;
    let recommendation = match (significant, variants.len()) {
        (false, _) => "Keep collecting data - not yet significant".to_owned(),
        (true, 2) => format!("{name} wins with {:.1}% confidence", 100.0 * chances[best]),
        (true, _) => format!(
            "{name} leads with {:.1}% chance to win",
            100.0 * rounded(chances[best], 3)
        ),
    };
    Ok(Verdict {
        p_value: rounded(p_value, 4),
        significant,
        chances_to_win: chances.into_iter().map(|chance| rounded(chance, 3)).collect(),
        lift: lift(&shares, best),
        winner: significant.then(|| name.clone()),
        recommendation,
        sample_size_warning: few(variants
            .iter()
            .map(|variant| variant.identities)
            .min()
            .unwrap_or(0)),
    })
}

/// The share of a proportion that is not empty.
fn share(of: &Proportion) -> f64 {
    ratio(of.conversions(), of.units())
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
}

/// The place of the highest share; of several, the first of more than two, else the last.
fn best_of(shares: &[Proportion]) -> usize {
    let mut best = 0;
    for (index, one) in shares.iter().enumerate().skip(1) {
        let (one, highest) = (share(one), share(&shares[best]));
        if one > highest || (shares.len() == 2 && one >= highest) {
            best = index;
        }
    }
    best
}

fn lift(shares: &[Proportion], best: usize) -> String {
    if shares.len() > 2 {
        return "See individual rates".to_owned();
    }
    let (high, low) = (share(&shares[best]), share(&shares[1 - best]));
    if low > 0.0 {
        format!("{:+.1}%", 100.0 * (high - low) / low)
    } else {
        "N/A".to_owned()
    }
}

fn few(least: u64) -> Option<String> {
    let [unreliable, modest] = FEW_IDENTITIES;
    if least < unreliable {
        Some(format!("Low sample size ({least}) - results may be unreliable"))
    } else if least < modest {
        Some(format!(
            "Sample size ({least}) is modest - consider collecting more data"
        ))
    } else {
        None
    }
}

/// A number to that many places, as it would be printed.
fn rounded(number: f64, places: usize) -> f64 {
    format!("{number:.places$}").parse().unwrap_or(number)
}

impl TraitReport {
    /// Percent of the identities of a variant that converted, to two places.
    pub fn conversion_percent(variant: &TraitConversions) -> f64 {
        rounded(100.0 * ratio(variant.conversions, variant.identities), 2)
    }
}
