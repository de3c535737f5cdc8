//! Compiled feature states: what a flag says once its state has won.

use serde_json::Value;

use crate::context::{FeatureContext, VariantContext};
use crate::evaluation::Variant;
use crate::{hash, number, value};

/// One state of a feature: an environment's default, a segment's override or an identity's.
#[derive(Debug)]
pub struct State {
    salt: Box<str>,
    enabled: bool,
    value: Value,
    variants: Box<[VariantOption]>,
    /// The options in the order of the walk.
    intervals: Box<[Interval]>,
    metadata: Option<Value>,
}

/// One option of a multivariate state.
#[derive(Debug)]
pub struct VariantOption {
    key: Option<Box<str>>,
    value: Value,
    weight: Box<str>,
}

/// The part of the line from 0 to 100 that belongs to an option.
#[derive(Clone, Copy, Debug)]
struct Interval {
    start: f64,
    end: f64,
    option: u32,
}

impl State {
    pub(crate) fn compile(feature: &FeatureContext) -> Self {
        Self {
            salt: feature.key.as_str().into(),
            enabled: feature.enabled,
            value: feature.value.clone(),
            variants: feature.variants.iter().map(VariantOption::compile).collect(),
            intervals: intervals(&feature.variants),
            metadata: feature.metadata.clone().filter(value::is_truthy),
        }
    }

    /// The variant for an identity key. `None`: a state without options, or no identity.
    pub(crate) fn choose(&self, identity_key: Option<&str>) -> Option<Variant> {
        let place = self.place(identity_key)?;
        Some(
            self.intervals
                .iter()
                .find(|interval| interval.start <= place && place < interval.end)
                .map_or(Variant::Control, |interval| Variant::Option(interval.option)),
        )
    }

    /// Where an identity key lies on the line from 0 to 100. `None` as for [`choose`](Self::choose).
    pub(crate) fn place(&self, identity_key: Option<&str>) -> Option<f64> {
        if self.variants.is_empty() {
            return None;
        }
        Some(hash::percentage(&[&self.salt, identity_key?]))
    }

    /// The parts of the line that belong to options, in the order of the walk: start (inclusive), end (exclusive), the
    /// option's index.
    pub(crate) fn bands(&self) -> impl Iterator<Item = (f64, f64, u32)> {
        let band = |interval: &Interval| (interval.start, interval.end, interval.option);
        self.intervals.iter().map(band)
    }

    /// What is hashed with the identity key.
    pub(crate) fn salt(&self) -> &str {
        &self.salt
    }

    /// Whether the flag is on.
    pub fn enabled(&self) -> bool {
        self.enabled
    }

    /// The value without a variant; of a multivariate state, the control value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The options, in the order the context gave them. Empty: a standard feature.
    pub fn variants(&self) -> &[VariantOption] {
        &self.variants
    }

    /// The metadata; `None` when empty.
    pub fn metadata(&self) -> Option<&Value> {
        self.metadata.as_ref()
    }

    /// The option that a variant names; `None` for none and for the control.
    pub fn option(&self, variant: Option<Variant>) -> Option<&VariantOption> {
        match variant {
            Some(Variant::Option(index)) => self.variants.get(index as usize),
            Some(Variant::Control) | None => None,
        }
    }
}

impl VariantOption {
    fn compile(variant: &VariantContext) -> Self {
        Self {
            key: variant.key.as_deref().map(Into::into),
            value: variant.value.clone(),
            weight: number::text(&variant.weight).into(),
        }
    }

    /// The option's key, reported as the flag's variant.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The value served.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The weight as the context spelled it, `30.0` or `50`, for the reason.
    pub fn weight(&self) -> &str {
        &self.weight
    }
}

/// Lays the options end to end in ascending order of priority, the first given first on a tie.
///
/// # Compatibility
/// Sums run in the order of the walk, so that bounds agree with the reference to the last bit.
fn intervals(variants: &[VariantContext]) -> Box<[Interval]> {
    let mut order: Vec<(usize, &VariantContext)> = variants.iter().enumerate().collect();
    order.sort_by(|(_, left), (_, right)| rank(left.priority).total_cmp(&rank(right.priority)));
    let mut start = 0.0;
    order
        .into_iter()
        .map(|(option, variant)| {
            let end = number::value(&variant.weight) + start;
            Interval {
                start: std::mem::replace(&mut start, end),
                end,
                option: crate::evaluation::compact(option),
            }
        })
        .collect()
}

/// A priority as a number that sorts: missing is weakest, and there is one zero.
pub(crate) fn rank(priority: Option<f64>) -> f64 {
    priority.unwrap_or(f64::INFINITY) + 0.0
}
