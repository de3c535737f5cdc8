//! Where things lie in the store's directory.
//!
//! ```text
//! writer.lock                                              held by the one process that writes
//! manifest.json                                            the live Parquet files and the consumed log segments
//! log/<id, 20 digits>.log                                  segments of the durable log
//! log/corrupt/<id>.log                                     segments kept because a record in them was damaged
//! parquet/environment=<key>/day=YYYY-MM-DD/part-<id>.parquet
//! ```

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use xxhash_rust::xxh3::xxh3_64;

/// Milliseconds in a day.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The longest environment key that is written out in a directory's name; a longer one is cut and told apart by a hash.
const MAX_DIRECTORY_KEY_BYTES: usize = 120;

/// The paths in a store's directory.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    root: PathBuf,
}

impl Layout {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The same paths as they are seen from the directory that the store's directory lies in, so that they can be shown
    /// without telling where on the machine that is.
    pub(crate) fn beside_root(&self) -> Self {
        Self {
            root: self.root.file_name().map(PathBuf::from).unwrap_or_default(),
        }
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("writer.lock")
    }

    pub(crate) fn manifest(&self) -> PathBuf {
        self.root.join("manifest.json")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    pub(crate) fn segment(&self, id: u64) -> PathBuf {
        self.log().join(format!("{id:020}.log"))
    }

    pub(crate) fn corrupt_log(&self) -> PathBuf {
        self.log().join("corrupt")
    }

    pub(crate) fn corrupt_segment(&self, id: u64) -> PathBuf {
        self.corrupt_log().join(format!("{id:020}.log"))
    }

    pub(crate) fn parquet(&self) -> PathBuf {
        self.root.join("parquet")
    }

    pub(crate) fn environment(&self, environment_key: &str) -> PathBuf {
        self.parquet()
            .join(format!("environment={}", directory_key(environment_key)))
    }

    pub(crate) fn partition(&self, environment_key: &str, day: i32) -> PathBuf {
        self.environment(environment_key)
            .join(format!("day={}", day_name(day)))
    }

    pub(crate) fn part(&self, environment_key: &str, day: i32, id: u64) -> PathBuf {
        self.partition(environment_key, day)
            .join(format!("part-{id:016}.parquet"))
    }
}

/// Returns the segment id in the name of a log file, `None` when the name is not one of ours.
pub(crate) fn segment_id(path: &Path) -> Option<u64> {
    let stem = path.file_name()?.to_str()?.strip_suffix(".log")?;
    (stem.len() == 20).then(|| stem.parse().ok()).flatten()
}

/// Returns the UTC day of a timestamp, in days since the Unix epoch; the timestamp is one that can be stored.
pub(crate) fn day_of(timestamp_ms: i64) -> i32 {
    i32::try_from(timestamp_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

/// Returns a day as `YYYY-MM-DD`.
pub(crate) fn day_name(day: i32) -> String {
    DateTime::from_timestamp_millis(i64::from(day) * DAY_MS)
        .map_or_else(|| format!("{day}"), |time| time.format("%Y-%m-%d").to_string())
}

/// Returns an environment key as part of a directory's name: letters, digits, `-` and `_` stand for themselves, every
/// other byte is written as `%XX`, so that different keys have different names.
fn directory_key(environment_key: &str) -> String {
    let mut name = String::with_capacity(environment_key.len());
    for byte in environment_key.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            write!(name, "%{byte:02X}").expect("writing to a String cannot fail");
        }
    }
    if name.len() > MAX_DIRECTORY_KEY_BYTES {
        name.truncate(MAX_DIRECTORY_KEY_BYTES);
        write!(name, "~{:016x}", xxh3_64(environment_key.as_bytes()))
            .expect("writing to a String cannot fail");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_safe_in_paths_and_stay_apart() {
        assert_eq!(directory_key("8KzETd-_a"), "8KzETd-_a");
        assert_eq!(directory_key("../a b%"), "%2E%2E%2Fa%20b%25");
        let long = "x".repeat(500);
        assert!(directory_key(&long).len() < 140);
        assert_ne!(directory_key(&long), directory_key(&format!("{long}x")));
    }

    #[test]
    fn days_are_named_in_utc() {
        assert_eq!(day_name(day_of(0)), "1970-01-01");
        assert_eq!(day_name(day_of(DAY_MS - 1)), "1970-01-01");
        assert_eq!(day_name(day_of(1_782_110_962_955)), "2026-06-22");
        assert_eq!(day_name(day_of(crate::event::MAX_TIMESTAMP_MS)), "9999-12-31");
    }

    #[test]
    fn only_our_names_are_segments() {
        let layout = Layout::new(Path::new("/x"));
        assert_eq!(segment_id(&layout.segment(7)), Some(7));
        assert_eq!(segment_id(Path::new("/x/log/7.log")), None);
        assert_eq!(segment_id(Path::new("/x/log/00000000000000000007.tmp")), None);
    }
}
