//! A new value said in columns, of which some may be left as they are (contract, admin API, section 4.2).

use liftgate_model::{FlagValue, Leftovers};

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Text; no value counts as text.
    Text,
    /// An integer.
    Integer,
    /// True or false.
    Boolean,
}

impl ValueKind {
    /// The type of a value.
    pub fn of(value: &FlagValue) -> Self {
        match value {
            FlagValue::Integer(_) => Self::Integer,
            FlagValue::Boolean(_) => Self::Boolean,
            FlagValue::Text(_) | FlagValue::Null => Self::Text,
        }
    }
}

/// What is said about a value. What is `None` is not mentioned; the inner `None` empties the column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueEdit {
    /// The column that counts.
    pub kind: Option<ValueKind>,
    /// The column of texts.
    pub text: Option<Option<String>>,
    /// The column of integers.
    pub integer: Option<Option<i32>>,
    /// The column of booleans.
    pub boolean: Option<Option<bool>>,
}

impl ValueEdit {
    /// The new value, if anything is said. A column that is not mentioned keeps what is in it, also when it counts from
    /// now on.
    pub fn change(self, stored: &FlagValue, leftovers: &Leftovers) -> Option<FlagValue> {
        (self != Self::default()).then(|| {
            let before = ValueKind::of(stored);
            let left = |kind: ValueKind| kind != before;
            Self {
                kind: self.kind,
                text: self
                    .text
                    .or_else(|| left(ValueKind::Text).then(|| leftovers.text.clone())),
                integer: self
                    .integer
                    .or_else(|| left(ValueKind::Integer).then_some(leftovers.integer)),
                boolean: self
                    .boolean
                    .or_else(|| left(ValueKind::Boolean).then_some(leftovers.boolean)),
            }
            .over(stored)
        })
    }

    /// What lies beside a value once this is said: a column that is mentioned has what is said, empty or not.
    pub(crate) fn leftovers(&self, value: &FlagValue, stored: &Leftovers) -> Leftovers {
        let counts = ValueKind::of(value);
        let beside = |kind: ValueKind| kind != counts;
        let mut leftovers = stored.clone();
        if let Some(text) = self.text.clone().filter(|_| beside(ValueKind::Text)) {
            leftovers.text = text;
        }
        if let Some(integer) = self.integer.filter(|_| beside(ValueKind::Integer)) {
            leftovers.integer = integer;
        }
        if let Some(boolean) = self.boolean.filter(|_| beside(ValueKind::Boolean)) {
            leftovers.boolean = boolean;
        }
        leftovers
    }

    /// The value it makes of the one there is: what the column says that counts. A column that is not mentioned keeps
    /// what is in it.
    pub fn over(self, stored: &FlagValue) -> FlagValue {
        let before = ValueKind::of(stored);
        let kind = self.kind.unwrap_or(before);
        let given = match kind {
            ValueKind::Text => self.text.map(|text| text.map(FlagValue::Text)),
            ValueKind::Integer => self.integer.map(|number| number.map(FlagValue::Integer)),
            ValueKind::Boolean => self.boolean.map(|truth| truth.map(FlagValue::Boolean)),
        };
        match given {
            Some(value) => value.unwrap_or(FlagValue::Null),
            None if kind == before => stored.clone(),
            None => FlagValue::Null,
        }
    }
}
