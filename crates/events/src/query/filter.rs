//! Which rows of an event count for a metric.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::{BooleanArray, RecordBatch};
use serde_json::value::RawValue;

use crate::columnar::part::{numbers, plain_texts};
use crate::columnar::schema::Column;
use crate::metric::{EventFilter, MetadataValue};

impl EventFilter {
    /// The columns that [`EventFilter::mask`] needs.
    pub(crate) fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        if self.min_value.is_some() || self.max_value.is_some() {
            columns.push(Column::NumericValue);
        }
        if !self.metadata.is_empty() {
            columns.push(Column::Metadata);
        }
        columns
    }

    /// Says of each row of a batch whether it counts; `None` when all do.
    pub(crate) fn mask(&self, batch: &RecordBatch) -> Option<BooleanArray> {
        let mut mask = vec![true; batch.num_rows()];
        let columns = self.columns();
        for column in &columns {
            match column {
                Column::Metadata => {
                    let texts = plain_texts(batch, Column::Metadata);
                    for (counts, text) in mask.iter_mut().zip(texts) {
                        *counts = *counts && self.admits_metadata(text.unwrap_or_default());
                    }
                }
                _ => {
                    for (counts, &number) in mask.iter_mut().zip(numbers(batch)) {
                        *counts &= self.admits_number(number);
                    }
                }
            }
        }
        (!columns.is_empty()).then(|| BooleanArray::from(mask))
    }

    /// Whether an event of that value and metadata counts.
    pub(crate) fn admits(&self, number: f64, metadata: &str) -> bool {
        self.admits_number(number) && self.admits_metadata(metadata)
    }

    fn admits_number(&self, number: f64) -> bool {
        self.min_value.is_none_or(|min| number >= min) && self.max_value.is_none_or(|max| number <= max)
    }

    fn admits_metadata(&self, metadata: &str) -> bool {
        if self.metadata.is_empty() {
            return true;
        }
        // Metadata that is no object has no members.
        let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(metadata).unwrap_or_default();
        self.metadata.iter().all(|(key, wanted)| {
            let Some(found) = members.get(key.as_str()) else {
                return false;
            };
            match wanted {
                MetadataValue::Text(text) => {
                    serde_json::from_str::<String>(found.get()).is_ok_and(|found| found == *text)
                }
                MetadataValue::Boolean(flag) => {
                    serde_json::from_str::<bool>(found.get()).is_ok_and(|found| found == *flag)
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_compared_by_type_and_value() {
        let admits = |key: &str, wanted: MetadataValue, metadata: &str| {
            let metadata_filter = BTreeMap::from([(key.to_owned(), wanted)]);
            let filter = EventFilter {
                metadata: metadata_filter,
                ..EventFilter::default()
            };
            filter.admits(0.0, metadata)
        };
        let text = |text: &str| MetadataValue::Text(text.to_owned());
        assert!(admits("a", text("x"), r#"{"b": 1, "a": "x"}"#));
        assert!(admits("ä\"", text("\n"), r#"{"ä\"": "\n"}"#));
        assert!(admits("a", MetadataValue::Boolean(true), r#"{"a": true}"#));
        for metadata in [
            "",
            "null",
            "[]",
            "{",
            "{}",
            r#"{"a": null}"#,
            r#"{"a": ["x"]}"#,
            r#"{"b": {"a": "x"}}"#,
        ] {
            assert!(!admits("a", text("x"), metadata), "{metadata}");
        }
        assert!(!admits("a", text("true"), r#"{"a": true}"#));
        assert!(!admits("a", MetadataValue::Boolean(true), r#"{"a": "true"}"#));
        assert!(!admits("a", text("1"), r#"{"a": 1}"#));
    }

    #[test]
    fn values_lie_between_both_ends() {
        let filter = EventFilter {
            min_value: Some(1.0),
            max_value: Some(2.0),
            ..EventFilter::default()
        };
        let admitted: Vec<f64> = [0.0, 0.9, 1.0, 1.5, 2.0, 2.1]
            .into_iter()
            .filter(|&number| filter.admits(number, ""))
            .collect();
        assert_eq!(admitted, [1.0, 1.5, 2.0]);
    }
}
