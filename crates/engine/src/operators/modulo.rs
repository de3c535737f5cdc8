//! MODULO.

use serde_json::Value;

use crate::number::float;
use crate::value::ContextValue;

/// A divisor and the remainder it must leave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Modulo {
    divisor: f64,
    remainder: f64,
}

impl Modulo {
    /// Reads `divisor|remainder`. `None`: malformed, or a divisor of zero.
    pub(crate) fn compile(value: &Value) -> Option<Self> {
        let (divisor, remainder) = value.as_str()?.split_once('|')?;
        let divisor = float::cast(divisor)?;
        let remainder = float::cast(remainder)?;
        (divisor != 0.0).then_some(Self { divisor, remainder })
    }

    /// Whether a number leaves the remainder; anything but a number does not.
    ///
    /// # Compatibility
    /// The reference counts booleans as 0 and 1; the contract does not.
    #[expect(clippy::float_cmp, reason = "the operator asks for the exact remainder")]
    pub(crate) fn holds(self, value: &ContextValue<'_>) -> bool {
        let value = match value {
            ContextValue::Integer(integer) => integer.to_f64(),
            ContextValue::Float(float) => *float,
            ContextValue::Boolean(_) | ContextValue::Text(_) => return false,
        };
        float::modulo(value, self.divisor) == self.remainder
    }
}
