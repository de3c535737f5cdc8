//! Version 2 of definitions: event filters, windows, caps, ratios, covariates and quantiles.

use super::members::Members;
use super::{Covariate, DAY_MS, DEFAULT_LOOK_BACK_MS, Meaning, QuantileOfLevel, event_aggregation};
use liftgate_events::{Cap, CapAt, EventFilter, ExposureWindow, Measure, MetadataValue, QuantileOf};
use liftgate_model::metric::Aggregation;
use serde_json::Value;
use std::collections::BTreeMap;

/// The longest look-back, in days.
const MAX_LOOK_BACK_DAYS: i64 = 90;

/// The end of the latest window, in days after the first exposure.
const MAX_WINDOW_DAYS: i64 = 365;

/// Members of the metadata that a filter may name.
const MAX_METADATA_MEMBERS: usize = 10;

/// Characters of a name or value of the metadata that a filter may name.
const MAX_METADATA_CHARACTERS: usize = 255;

const MEMBERS: &[&str] = &[
    "version",
    "event",
    "filter",
    "window",
    "cap",
    "denominator",
    "covariate",
    "quantile",
];

/// Reads a definition whose version and event have been checked.
pub(super) fn read(value: &Value) -> Result<Meaning, String> {
    let members = Members::new(value, "", MEMBERS)?;
    let meaning = Meaning {
        event: members.text("event")?.to_owned(),
        filter: filter(&members)?,
        cap: cap(&members)?,
        window: window(&members)?,
        denominator: denominator(&members)?,
        covariate: covariate(&members)?,
        quantile: quantile(&members)?,
    };
    if meaning.quantile.is_some() {
        let beside = [
            ("cap", meaning.cap != Cap::default()),
            ("denominator", meaning.denominator.is_some()),
            ("covariate", matches!(meaning.covariate, Covariate::LookBack(_))),
        ];
        if let Some((name, _)) = beside.into_iter().find(|(_, is_there)| *is_there) {
            return Err(format!("Definition must not have both 'quantile' and '{name}'."));
        }
    }
    Ok(meaning)
}

fn filter(of: &Members<'_>) -> Result<EventFilter, String> {
    let Some(members) = of.object("filter", &["min_value", "max_value", "metadata"])? else {
        return Ok(EventFilter::default());
    };
    let (min_value, max_value) = (members.number("min_value")?, members.number("max_value")?);
    if min_value.zip(max_value).is_some_and(|(min, max)| min > max) {
        return Err(members.complaint("min_value", "must not be greater than 'max_value'"));
    }
    Ok(EventFilter {
        min_value,
        max_value,
        metadata: metadata(&members)?,
    })
}

fn metadata(of: &Members<'_>) -> Result<BTreeMap<String, MetadataValue>, String> {
    let Some(value) = of.get("metadata") else {
        return Ok(BTreeMap::new());
    };
    let fits = |text: &str| !text.is_empty() && text.chars().count() <= MAX_METADATA_CHARACTERS;
    let wrong = || {
        of.complaint(
            "metadata",
            &format!(
                "must be an object of at most {MAX_METADATA_MEMBERS} texts and booleans, with names of 1 to \
                 {MAX_METADATA_CHARACTERS} characters and texts of at most as many"
            ),
        )
    };
    let members = value
        .as_object()
        .filter(|members| members.len() <= MAX_METADATA_MEMBERS)
        .ok_or_else(wrong)?;
    members
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) if text.is_empty() || fits(text) => MetadataValue::Text(text.clone()),
                Value::Bool(flag) => MetadataValue::Boolean(*flag),
                _ => return Err(wrong()),
            };
            if fits(name) {
                Ok((name.clone(), value))
            } else {
                Err(wrong())
            }
        })
        .collect()
}

fn window(of: &Members<'_>) -> Result<Option<ExposureWindow>, String> {
    let Some(members) = of.object("window", &["from_days", "until_days"])? else {
        return Ok(None);
    };
    let from_days = members.days("from_days", 0..=MAX_WINDOW_DAYS - 1)?;
    let until_days = members.days("until_days", 1..=MAX_WINDOW_DAYS)?;
    if from_days >= until_days {
        return Err(members.complaint("from_days", "must be less than 'until_days'"));
    }
    Ok(Some(ExposureWindow {
        from_ms: from_days * DAY_MS,
        until_ms: until_days * DAY_MS,
    }))
}

fn cap(of: &Members<'_>) -> Result<Cap, String> {
    let known = [
        "lower_value",
        "lower_percentile",
        "upper_value",
        "upper_percentile",
    ];
    let Some(members) = of.object("cap", &known)? else {
        return Ok(Cap::default());
    };
    let side = |value: &str, percentile: &str| match (members.number(value)?, members.share(percentile)?) {
        (Some(_), Some(_)) => {
            Err(members.complaint(value, &format!("and '{percentile}' exclude each other")))
        }
        (Some(value), None) => Ok(Some(CapAt::Value(value))),
        (None, share) => Ok(share.map(CapAt::Share)),
    };
    let cap = Cap {
        lower: side("lower_value", "lower_percentile")?,
        upper: side("upper_value", "upper_percentile")?,
    };
    let crossed = match (cap.lower, cap.upper) {
        (None, None) => return Err(of.complaint("cap", "must name a value or a percentile")),
        (Some(CapAt::Value(lower)), Some(CapAt::Value(upper)))
        | (Some(CapAt::Share(lower)), Some(CapAt::Share(upper))) => lower > upper,
        _ => false,
    };
    if crossed {
        return Err(of.complaint("cap", "must not have a lower end above the upper one"));
    }
    Ok(cap)
}

fn denominator(of: &Members<'_>) -> Result<Option<Measure>, String> {
    let Some(members) = of.object("denominator", &["event", "aggregation", "filter", "cap"])? else {
        return Ok(None);
    };
    let aggregation = members
        .get("aggregation")
        .and_then(Value::as_str)
        .and_then(Aggregation::parse)
        .filter(|aggregation| *aggregation != Aggregation::Mean)
        .ok_or_else(|| members.complaint("aggregation", "must be 'count', 'sum' or 'occurrence'"))?;
    let cap = cap(&members)?;
    if aggregation == Aggregation::Occurrence && cap != Cap::default() {
        return Err(members.complaint("cap", "needs the aggregation 'count' or 'sum'"));
    }
    Ok(Some(Measure {
        event: members.text("event")?.to_owned(),
        filter: filter(&members)?,
        aggregation: event_aggregation(aggregation),
        cap,
    }))
}

fn covariate(of: &Members<'_>) -> Result<Covariate, String> {
    match of.get("covariate") {
        None => Ok(Covariate::ByDefault),
        Some(Value::Null) => Ok(Covariate::Never),
        Some(value) => {
            let members = Members::new(value, "covariate", &["look_back_days"])?;
            if members.get("look_back_days").is_none() {
                return Ok(Covariate::LookBack(DEFAULT_LOOK_BACK_MS));
            }
            let days = members.days("look_back_days", 1..=MAX_LOOK_BACK_DAYS)?;
            Ok(Covariate::LookBack(days * DAY_MS))
        }
    }
}

fn quantile(of: &Members<'_>) -> Result<Option<QuantileOfLevel>, String> {
    let Some(members) = of.object("quantile", &["level", "of", "ignore_zeros"])? else {
        return Ok(None);
    };
    let level = members
        .number("level")?
        .filter(|level| *level > 0.0 && *level < 1.0);
    let taken_of = match members.get("of").and_then(Value::as_str) {
        Some("identity") => Some(QuantileOf::Identities),
        Some("event") => Some(QuantileOf::Events),
        _ => None,
    };
    let ignore_zeros = match members.get("ignore_zeros") {
        None => Some(false),
        Some(value) => value.as_bool(),
    };
    Ok(Some(QuantileOfLevel {
        level: level.ok_or_else(|| members.complaint("level", "must lie between 0 and 1"))?,
        of: taken_of.ok_or_else(|| members.complaint("of", "must be 'identity' or 'event'"))?,
        ignore_zeros: ignore_zeros
            .ok_or_else(|| members.complaint("ignore_zeros", "must be true or false"))?,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::MetricDefinition;
    use serde_json::{Value, json};

    fn refused(members: &Value) -> String {
        let mut definition = json!({"version": 2, "event": "purchase"});
        for (name, value) in members.as_object().unwrap() {
            definition[name] = value.clone();
        }
        MetricDefinition::new(definition).err().unwrap_or_default()
    }

    #[test]
    fn what_is_known_is_taken() {
        for members in [
            json!({"covariate": {}}),
            json!({"filter": {}}),
            json!({"filter": {"min_value": -1, "max_value": 2.5, "metadata": {"currency": "EUR", "first": true, "empty": ""}}}),
            json!({"window": {"from_days": 0, "until_days": 1}, "covariate": {"look_back_days": 90}}),
            json!({"window": {"from_days": 364, "until_days": 365}, "covariate": null}),
            json!({"cap": {"upper_percentile": 99.9}}),
            json!({"cap": {"lower_value": 1, "upper_value": 1}}),
            json!({"cap": {"lower_value": -1, "upper_percentile": 50}}),
            json!({"denominator": {"event": "view", "aggregation": "sum", "filter": {"min_value": 0}, "cap": {"upper_value": 9}}}),
            json!({"denominator": {"event": "view", "aggregation": "occurrence"}, "covariate": null}),
            json!({"denominator": {"event": "view", "aggregation": "sum"}, "covariate": {"look_back_days": 7}}),
            json!({"quantile": {"level": 0.9, "of": "identity"}}),
            json!({"quantile": {"level": 0.001, "of": "event", "ignore_zeros": true}, "covariate": null,
                "filter": {"min_value": 0}, "window": {"from_days": 0, "until_days": 7}}),
        ] {
            assert_eq!(refused(&members), "", "{members}");
        }
    }

    #[test]
    fn everything_else_is_refused_by_name() {
        for (members, complaint) in [
            (json!({"colour": 1}), "Definition has an unknown member 'colour'."),
            (
                json!({"filter": {"value": 1}}),
                "Definition has an unknown member 'filter.value'.",
            ),
            (
                json!({"denominator": {"event": "a", "aggregation": "sum", "cap": {"top": 1}}}),
                "Definition has an unknown member 'denominator.cap.top'.",
            ),
            (json!({"filter": null}), "Definition 'filter' must be an object."),
            (
                json!({"filter": {"min_value": "1"}}),
                "Definition 'filter.min_value' must be a number.",
            ),
            (
                json!({"filter": {"min_value": 2, "max_value": 1}}),
                "Definition 'filter.min_value' must not be greater than 'max_value'.",
            ),
            (
                json!({"window": {"from_days": 1}}),
                "Definition 'window.until_days' must be a whole number from 1 to 365.",
            ),
            (
                json!({"window": {"from_days": 0.5, "until_days": 2}}),
                "Definition 'window.from_days' must be a whole number from 0 to 364.",
            ),
            (
                json!({"window": {"from_days": 3, "until_days": 3}}),
                "Definition 'window.from_days' must be less than 'until_days'.",
            ),
            (
                json!({"cap": {}}),
                "Definition 'cap' must name a value or a percentile.",
            ),
            (
                json!({"cap": {"upper_percentile": 100}}),
                "Definition 'cap.upper_percentile' must lie between 0 and 100.",
            ),
            (
                json!({"cap": {"upper_percentile": 99, "upper_value": 1}}),
                "Definition 'cap.upper_value' and 'upper_percentile' exclude each other.",
            ),
            (
                json!({"cap": {"lower_value": 2, "upper_value": 1}}),
                "Definition 'cap' must not have a lower end above the upper one.",
            ),
            (
                json!({"denominator": {"event": "a"}}),
                "Definition 'denominator.aggregation' must be 'count', 'sum' or 'occurrence'.",
            ),
            (
                json!({"denominator": {"event": "", "aggregation": "sum"}}),
                "Definition 'denominator.event' must be a non-empty text.",
            ),
            (
                json!({"denominator": {"event": "a", "aggregation": "occurrence", "cap": {"upper_value": 1}}}),
                "Definition 'denominator.cap' needs the aggregation 'count' or 'sum'.",
            ),
            (
                json!({"covariate": {"look_back_days": 91}}),
                "Definition 'covariate.look_back_days' must be a whole number from 1 to 90.",
            ),
            (
                json!({"quantile": {"of": "event"}}),
                "Definition 'quantile.level' must lie between 0 and 1.",
            ),
            (
                json!({"quantile": {"level": 1, "of": "event"}}),
                "Definition 'quantile.level' must lie between 0 and 1.",
            ),
            (
                json!({"quantile": {"level": "0.5", "of": "event"}}),
                "Definition 'quantile.level' must be a number.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "events"}}),
                "Definition 'quantile.of' must be 'identity' or 'event'.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "event", "ignore_zeros": null}}),
                "Definition 'quantile.ignore_zeros' must be true or false.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "event", "method": "exact"}}),
                "Definition has an unknown member 'quantile.method'.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "event"}, "cap": {"upper_value": 1}}),
                "Definition must not have both 'quantile' and 'cap'.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "event"}, "denominator": {"event": "a", "aggregation": "sum"}}),
                "Definition must not have both 'quantile' and 'denominator'.",
            ),
            (
                json!({"quantile": {"level": 0.5, "of": "event"}, "covariate": {}}),
                "Definition must not have both 'quantile' and 'covariate'.",
            ),
        ] {
            assert_eq!(refused(&members), complaint);
        }
        let many: Value = (0..11).map(|number| (number.to_string(), json!(true))).collect();
        for metadata in [
            json!([]),
            json!({"a": 1}),
            json!({"": "x"}),
            json!({"a": "x".repeat(256)}),
            many,
        ] {
            let complaint = refused(&json!({"filter": {"metadata": metadata}}));
            assert!(complaint.starts_with("Definition 'filter.metadata' must be an object of at most 10"));
        }
    }
}
