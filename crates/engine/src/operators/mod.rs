//! The operators: how a condition's value is compiled once and compared with a context value.

mod comparison;
mod contains;
mod membership;
mod modulo;
mod pattern;
mod percentage_split;

use serde_json::Value;

use crate::context::Operator;
use crate::value::ContextValue;
use comparison::{Comparison, Operand};
use contains::Needle;
use membership::Members;
use modulo::Modulo;
use pattern::Pattern;

/// A condition's operator with its value, ready to be asked.
#[derive(Debug)]
pub(crate) enum Test {
    /// The six comparisons.
    Compare(Comparison, Operand),
    /// The text value contains the needle.
    Contains(Needle),
    /// The text value does not contain this.
    NotContains(Box<str>),
    /// A pattern from the start of the text.
    Regex(Pattern),
    /// Membership of a list.
    In(Members),
    /// The remainder of a division.
    Modulo(Modulo),
    /// There is a value.
    IsSet,
    /// There is none.
    IsNotSet,
    /// The share of a percentage split, in percent.
    PercentageSplit(f64),
    /// Never true: an unknown operator, or a value the operator cannot read.
    Never,
}

impl Test {
    pub(crate) fn compile(operator: Operator, value: &Value) -> Self {
        let compare = |comparison| Self::Compare(comparison, Operand::compile(value));
        match operator {
            Operator::Equal => compare(Comparison::Equal),
            Operator::NotEqual => compare(Comparison::NotEqual),
            Operator::GreaterThan => compare(Comparison::Greater),
            Operator::GreaterThanInclusive => compare(Comparison::GreaterOrEqual),
            Operator::LessThan => compare(Comparison::Less),
            Operator::LessThanInclusive => compare(Comparison::LessOrEqual),
            Operator::Contains => Needle::compile(value).map_or(Self::Never, Self::Contains),
            Operator::NotContains => Self::NotContains(crate::value::condition_text(value).into()),
            Operator::Regex => {
                Pattern::compile(&crate::value::condition_text(value)).map_or(Self::Never, Self::Regex)
            }
            Operator::In => Self::In(Members::compile(value)),
            Operator::Modulo => Modulo::compile(value).map_or(Self::Never, Self::Modulo),
            Operator::IsSet => Self::IsSet,
            Operator::IsNotSet => Self::IsNotSet,
            Operator::PercentageSplit => {
                percentage_split::share(value).map_or(Self::Never, Self::PercentageSplit)
            }
            Operator::Unknown => Self::Never,
        }
    }

    /// Where a percentage split puts a value, and the share it takes in, both in percent. `None` for other tests, and
    /// where there is no value.
    pub(crate) fn split(&self, value: Option<&ContextValue<'_>>, salt: &str) -> Option<(f64, f64)> {
        match self {
            Self::PercentageSplit(share) => Some((percentage_split::place(salt, &value?.text()), *share)),
            _ => None,
        }
    }

    /// Whether the test holds for a value; `salt` is the segment's key.
    pub(crate) fn holds(&self, value: Option<&ContextValue<'_>>, salt: &str) -> bool {
        let Some(value) = value else {
            return matches!(self, Self::IsNotSet);
        };
        match self {
            Self::Compare(comparison, operand) => operand.compare(*comparison, value),
            Self::Contains(needle) => needle.is_in(value),
            Self::NotContains(needle) => match value {
                ContextValue::Text(text) => !text.contains(&**needle),
                _ => false,
            },
            Self::Regex(pattern) => pattern.is_match(&value.text()),
            Self::In(members) => members.contain(value),
            Self::Modulo(modulo) => modulo.holds(value),
            Self::IsSet => true,
            Self::IsNotSet | Self::Never => false,
            Self::PercentageSplit(share) => percentage_split::includes(*share, salt, &value.text()),
        }
    }
}
