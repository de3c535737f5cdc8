//! The bytes of a copy: a line that names the format and the SHA-256 of the rest, then the environment as JSON.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::CopyFault;
use crate::data::EnvironmentData;
use crate::snapshot::json;

/// Begins every copy. The number is that of the format: it goes up whenever a copy of before would be read, and would
/// mean something else.
const MAGIC: &[u8] = b"liftgate environment 1 ";

/// The bytes of a copy.
pub(super) fn encode(data: &EnvironmentData) -> Vec<u8> {
    let content = json(data);
    let mut bytes = Vec::with_capacity(MAGIC.len() + 65 + content.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(checksum(&content).as_bytes());
    bytes.push(b'\n');
    bytes.extend_from_slice(&content);
    bytes
}

/// The environment of a copy.
pub(super) fn decode(bytes: &[u8]) -> Result<EnvironmentData, CopyFault> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(CopyFault::Foreign)?;
    let line = rest
        .iter()
        .position(|byte| *byte == b'\n')
        .ok_or(CopyFault::Torn)?;
    let (told, content) = (&rest[..line], &rest[line + 1..]);
    if told != checksum(content).as_bytes() {
        return Err(CopyFault::Torn);
    }
    serde_json::from_slice(content).map_err(CopyFault::Unknown)
}

/// The SHA-256 in lower-case hexadecimal digits.
fn checksum(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
