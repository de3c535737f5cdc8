//! The checks that each event of a batch has to pass (contract, sdk-api section 9).

use liftgate_events::{EXPOSURE_EVENT, Event};
use serde_json::{Map, Value};

use super::answer::Rejected;
use crate::sdk::agent::Sdk;

/// Most events of a batch that are looked at (reliability goal S14).
const BATCH_EVENTS: usize = 1_000;
/// Most characters of an event's name.
const EVENT_CHARACTERS: usize = 256;
/// Most characters of a feature's name, and of an identifier.
const NAME_CHARACTERS: usize = 2_000;
/// Largest value, as JSON: 128 KiB.
const VALUE_BYTES: usize = 128 * 1024;
/// Largest traits, as JSON: 32 KiB.
const TRAITS_BYTES: usize = 32 * 1024;
/// Most characters of a trait's key.
const TRAIT_KEY_CHARACTERS: usize = 200;
/// Most characters of a trait's text.
const TRAIT_TEXT_CHARACTERS: usize = 2_000;
/// Largest metadata, as JSON: 8 KiB.
const METADATA_BYTES: usize = 8 * 1024;
/// 2020-01-01T00:00:00Z; a clock before that was never set.
const EARLIEST_MS: i64 = 1_577_836_800_000;
/// How far a client's clock may be ahead of ours: 24 hours.
const AHEAD_MS: i64 = 24 * 60 * 60 * 1_000;

/// What the events of a batch have in common.
pub(super) struct Stamp {
    pub(super) environment_key: String,
    pub(super) now_ms: i64,
    pub(super) sdk: Sdk,
}

/// The events of a batch that are taken, and the others.
pub(super) struct Verdicts {
    pub(super) accepted: Vec<Event>,
    pub(super) rejected: Vec<Rejected>,
}

/// Judges each event of a batch by itself.
pub(super) fn judge(events: Vec<Value>, stamp: &Stamp) -> Verdicts {
    let mut verdicts = Verdicts {
        accepted: Vec::new(),
        rejected: Vec::new(),
    };
    let beyond = events.len().saturating_sub(BATCH_EVENTS);
    for (index, event) in events.into_iter().take(BATCH_EVENTS).enumerate() {
        match read(event, stamp) {
            Ok(event) => verdicts.accepted.push(event),
            Err(fault) => verdicts.rejected.push(Rejected {
                index,
                error: format!("events[{index}]{fault}"),
            }),
        }
    }
    if beyond > 0 {
        verdicts.rejected.push(Rejected {
            index: BATCH_EVENTS,
            error: format!("the last {beyond} events are beyond the limit of {BATCH_EVENTS} events a batch"),
        });
    }
    verdicts
}

/// A fault as it follows `events[1]`: `.timestamp must be …`.
type Fault = String;

fn read(event: Value, stamp: &Stamp) -> Result<Event, Fault> {
    let Value::Object(mut fields) = event else {
        return Err(" must be an object".to_owned());
    };
    let name = match fields.remove("event") {
        Some(Value::String(name)) if !name.trim().is_empty() => name,
        _ => return Err(".event must be non-blank text".to_owned()),
    };
    if name.chars().count() > EVENT_CHARACTERS {
        return Err(format!(".event must have at most {EVENT_CHARACTERS} characters"));
    }
    if name.starts_with('$') && name != EXPOSURE_EVENT {
        return Err(format!(".event must not start with $, except {EXPOSURE_EVENT}"));
    }
    let feature_name = text(&mut fields, "feature_name")?;
    if name == EXPOSURE_EVENT && feature_name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(format!(".feature_name is required for {EXPOSURE_EVENT}"));
    }
    Ok(Event {
        environment_key: stamp.environment_key.clone(),
        event: name,
        feature_name,
        identifier: text(&mut fields, "identifier")?,
        value: value(fields.remove("value"))?,
        timestamp_ms: timestamp(fields.get("timestamp"), stamp.now_ms)?,
        traits: traits(&mut fields)?,
        metadata: object(&mut fields, "metadata", METADATA_BYTES)?.unwrap_or_default(),
        collected_at_ms: stamp.now_ms,
        sdk_language: stamp.sdk.language.to_owned(),
        sdk_version: stamp.sdk.version.clone(),
    })
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= NAME_CHARACTERS => Ok(Some(text)),
        Some(Value::String(_)) => Err(format!(".{name} must have at most {NAME_CHARACTERS} characters")),
        Some(_) => Err(format!(".{name} must be text or null")),
    }
}

/// Any JSON as text.
fn value(value: Option<Value>) -> Result<Option<String>, Fault> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    if text.len() > VALUE_BYTES {
        return Err(format!(".value must have at most {VALUE_BYTES} bytes"));
    }
    Ok(Some(text))
}

fn timestamp(value: Option<&Value>, now_ms: i64) -> Result<i64, Fault> {
    let Some(milliseconds) = value.and_then(Value::as_i64) else {
        return Err(".timestamp must be an integer: milliseconds since 1970".to_owned());
    };
    if milliseconds <= EARLIEST_MS {
        return Err(".timestamp must be after 2020-01-01, in milliseconds since 1970".to_owned());
    }
    if milliseconds > now_ms.saturating_add(AHEAD_MS) {
        return Err(".timestamp must be at most 24 hours ahead".to_owned());
    }
    Ok(milliseconds)
}

fn traits(fields: &mut Map<String, Value>) -> Result<String, Fault> {
    if let Some(Value::Object(traits)) = fields.get("traits") {
        for (key, value) in traits {
            if key.chars().count() > TRAIT_KEY_CHARACTERS {
                return Err(format!(
                    ".traits must have keys of at most {TRAIT_KEY_CHARACTERS} characters"
                ));
            }
            let length = value.as_str().map_or(0, |text| text.chars().count());
            if length > TRAIT_TEXT_CHARACTERS {
                return Err(format!(
                    ".traits must have text of at most {TRAIT_TEXT_CHARACTERS} characters"
                ));
            }
        }
    }
    Ok(object(fields, "traits", TRAITS_BYTES)?.unwrap_or_default())
}

fn object(fields: &mut Map<String, Value>, name: &str, limit: usize) -> Result<Option<String>, Fault> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(object @ Value::Object(_)) => {
            let text = object.to_string();
            if text.len() > limit {
                return Err(format!(".{name} must have at most {limit} bytes as JSON"));
            }
            Ok(Some(text))
        }
        Some(_) => Err(format!(".{name} must be an object or null")),
    }
}
