//! Trait slots: each trait that any condition reads is looked up and coerced once per evaluation.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::value::ContextValue;

/// The place of a trait's value among those of one evaluation.
pub(crate) type Slot = usize;

/// The traits that conditions read.
#[derive(Debug, Default)]
pub(crate) struct TraitSlots {
    slots: HashMap<Box<str>, Slot>,
}

impl TraitSlots {
    /// The slot of a trait key, new or known.
    pub(crate) fn slot(&mut self, key: &str) -> Slot {
        let next = self.slots.len();
        match self.slots.get(key) {
            Some(slot) => *slot,
            None => *self.slots.entry(key.into()).or_insert(next),
        }
    }

    /// The values of all slots, by slot.
    pub(crate) fn fill<'t>(&self, traits: &'t Map<String, Value>) -> Vec<Option<ContextValue<'t>>> {
        let mut values = Vec::new();
        values.resize_with(self.slots.len(), || None);
        // Looking the fewer up among the more keeps an identity with hundreds of traits cheap.
        if traits.len() <= self.slots.len() {
            for (key, value) in traits {
                if let Some(slot) = self.slots.get(key.as_str()) {
                    values[*slot] = ContextValue::of_trait(value);
                }
            }
        } else {
            for (key, slot) in &self.slots {
                values[*slot] = traits.get(&**key).and_then(ContextValue::of_trait);
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_ways_of_filling_agree() {
        let mut slots = TraitSlots::default();
        for key in ["a", "b", "a"] {
            slots.slot(key);
        }
        for traits in [json!({"b": "2"}), json!({"x": 1, "b": "2", "y": 3})] {
            let traits = traits.as_object().expect("an object");
            let values = slots.fill(traits);
            assert_eq!(values.len(), 2);
            assert_eq!(values[slots.slot("a")], None);
            assert_eq!(values[slots.slot("b")], Some(ContextValue::of_text("2")));
        }
    }
}
