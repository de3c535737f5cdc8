//! The body of a batch: JSON, perhaps compressed.

use std::io::Read;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use serde_json::Value;

use super::answer::EventsRefusal;
use crate::error::Refusal;
use crate::extract::body::collect;
use crate::json;

/// Largest batch, as it is sent and decompressed: 5 MiB (reliability goal S14).
const BATCH_BYTES: usize = 5 * 1024 * 1024;

/// How a body is compressed.
#[derive(Clone, Copy)]
enum Encoding {
    Identity,
    Gzip,
    Deflate,
}

/// The events of a batch, at least one, not looked at yet.
pub(super) async fn read(request: Request) -> Result<Vec<Value>, EventsRefusal> {
    let (parts, body) = request.into_parts();
    if !is_json(&parts.headers) {
        return Err(EventsRefusal::NotJson);
    }
    let encoding = encoding(&parts.headers).ok_or(EventsRefusal::Encoding)?;
    let bytes = collect(&parts.headers, body, BATCH_BYTES)
        .await
        .map_err(EventsRefusal::Body)?;
    let bytes = match encoding {
        Encoding::Identity => bytes,
        Encoding::Gzip => decompress(MultiGzDecoder::new(&*bytes))?,
        Encoding::Deflate => decompress(ZlibDecoder::new(&*bytes))?,
    };
    let complain = |why: String| EventsRefusal::Unreadable(format!("invalid JSON: {why}"));
    let events = match json::parse(&bytes).map_err(complain)? {
        Value::Object(mut batch) => batch.remove("events"),
        _ => None,
    };
    match events {
        Some(Value::Array(events)) if events.is_empty() => Err(EventsRefusal::Empty),
        Some(Value::Array(events)) => Ok(events),
        _ => {
            let why = "the body must be an object with a list of events in \"events\"";
            Err(EventsRefusal::Unreadable(why.to_owned()))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = media_type.and_then(|value| value.split(';').next());
    media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/json"))
}

fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let Some(name) = headers.get(CONTENT_ENCODING) else {
        return Some(Encoding::Identity);
    };
    match name.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Some(Encoding::Identity),
        "gzip" | "x-gzip" => Some(Encoding::Gzip),
        "deflate" => Some(Encoding::Deflate),
        _ => None,
    }
}

fn decompress(decoder: impl Read) -> Result<Bytes, EventsRefusal> {
    let mut bytes = Vec::new();
    let read = decoder.take(BATCH_BYTES as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|_| EventsRefusal::Unreadable("the body cannot be decompressed".to_owned()))?;
    if bytes.len() > BATCH_BYTES {
        return Err(EventsRefusal::Body(Refusal::BodyTooLarge(BATCH_BYTES).into()));
    }
    Ok(bytes.into())
}
