//! PERCENTAGE_SPLIT.

use serde_json::Value;

use crate::hash;
use crate::number::{self, float};

/// The share of a split, in percent. `None`: not a number.
pub(crate) fn share(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => float::cast(text),
        Value::Number(number) => Some(number::value(number)),
        Value::Bool(boolean) => Some(f64::from(*boolean)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether the split takes the unit in. Inclusive, unlike a multivariate split: at 0 about one unit in 9999 matches.
pub(crate) fn includes(share: f64, salt: &str, unit: &str) -> bool {
    place(salt, unit) <= share
}

/// Where the unit lies in the split, from 0 to 100.
pub(crate) fn place(salt: &str, unit: &str) -> f64 {
    hash::percentage(&[salt, unit])
}
