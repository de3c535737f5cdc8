//! Whole answers that a snapshot holds ready, with what conditional requests compare.
//!
//! An answer is compressed when it is first asked for in that coding, once, beside the threads that answer requests.
//! Publishing therefore costs nothing for codings that nobody asks for, and an environment holds only those that
//! somebody does, each about a tenth of the answer. An answer that a change leaves as it was keeps what was compressed.

mod encoding;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use liftgate_model::Timestamp;
use sha2::{Digest, Sha256};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

pub use encoding::Encoding;

use crate::key::KeyKind;

/// Bytes from which an answer is worth compressing: a smaller one fits into a network packet.
const COMPRESSED_FROM_BYTES: usize = 1024;

/// How many seconds after a change its second is told as the date of the answers: by then every node serves the last change
/// of that second. Who asks earlier is told the second before, which no later answer has, so that a date never stands for
/// two answers, whatever this process has seen of them.
const SETTLED_SECONDS: i64 = 5;

/// A whole answer. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PreparedAnswer {
    body: Arc<Body>,
    updated_at: Timestamp,
    dates: Arc<Dates>,
    /// Whether another body was served with the same second in its `updated_at`.
    shares_second: bool,
}

/// The values of `Last-Modified`.
#[derive(Debug)]
struct Dates {
    settled: Box<str>,
    before: Box<str>,
}

/// The answers to the two kinds of keys.
#[derive(Debug)]
pub(super) struct PreparedByKind {
    client: PreparedAnswer,
    server: PreparedAnswer,
}

#[derive(Debug)]
struct Body {
    plain: Bytes,
    etags: Etags,
    gzip: OnceCell<Bytes>,
    zstd: OnceCell<Bytes>,
}

#[derive(Debug)]
struct Etags {
    identity: Box<str>,
    gzip: Box<str>,
    zstd: Box<str>,
}

/// The strong entity tag of a body, in quotes: half of its SHA-256, so that all nodes send the same.
pub fn entity_tag(body: &[u8]) -> String {
    format!("\"{}\"", digest(body))
}

impl PreparedAnswer {
    pub(super) fn new(body: Bytes, updated_at: Timestamp) -> Self {
        Self {
            body: Arc::new(Body::new(body)),
            updated_at,
            dates: Arc::new(Dates {
                settled: http_date(updated_at),
                before: http_date(updated_at.plus_seconds(-1)),
            }),
            shares_second: false,
        }
    }

    /// JSON.
    pub fn body(&self) -> Bytes {
        self.body.plain.clone()
    }

    /// Whether the answer is long enough to be worth compressing.
    pub fn is_worth_compressing(&self) -> bool {
        self.body.plain.len() >= COMPRESSED_FROM_BYTES
    }

    /// The answer in a coding, and the coding it is in: as it is where compressing fails.
    pub async fn encoded(&self, encoding: Encoding) -> (Encoding, Bytes) {
        let cell = match encoding {
            Encoding::Identity => return (encoding, self.body()),
            Encoding::Gzip => &self.body.gzip,
            Encoding::Zstd => &self.body.zstd,
        };
        let compress = async || {
            let plain = self.body();
            let compressed = spawn_blocking(move || encoding.encode(&plain)).await;
            compressed.map_err(io::Error::other)?.map(Bytes::from)
        };
        match cell.get_or_try_init(compress).await {
            Ok(body) => (encoding, body.clone()),
            Err(_) => (Encoding::Identity, self.body()),
        }
    }

    /// The strong entity tag in a coding, in quotes: a hash of the body, so that all nodes send the same, and the name of
    /// the coding, because the tag names bytes.
    pub fn etag(&self, encoding: Encoding) -> &str {
        let Etags { identity, gzip, zstd } = &self.body.etags;
        match encoding {
            Encoding::Identity => identity,
            Encoding::Gzip => gzip,
            Encoding::Zstd => zstd,
        }
    }

    /// The value of `Last-Modified`: the environment's `updated_at` to the second, or the second before while further
    /// changes may come to be known of that one.
    pub fn last_modified(&self, now: Timestamp) -> &str {
        let is_settled = now.as_millis().div_euclid(1_000) >= self.second().saturating_add(SETTLED_SECONDS);
        if is_settled {
            &self.dates.settled
        } else {
            &self.dates.before
        }
    }

    /// Whether a client whose copy was last modified at `since` has this answer.
    ///
    /// Dates have seconds only, so the answer is no while a further change could still fall into the same second, and
    /// when an earlier body did.
    pub fn is_unmodified_since(&self, since: Timestamp, now: Timestamp) -> bool {
        let second = self.second();
        since.as_millis().div_euclid(1_000) >= second
            && now.as_millis().div_euclid(1_000) > second
            && !self.shares_second
    }

    /// Notes which answer was served before this one, and takes over its body where that is the same.
    pub(super) fn succeed(&mut self, earlier: &Self) {
        let is_same = self.body.plain == earlier.body.plain;
        self.shares_second = (!is_same || earlier.shares_second) && self.second() == earlier.second();
        if is_same {
            self.body = Arc::clone(&earlier.body);
        }
    }

    fn second(&self) -> i64 {
        self.updated_at.as_millis().div_euclid(1_000)
    }
}

impl PreparedByKind {
    /// Prepares the bodies that `of` gives; where both are the same there is only one.
    pub(super) fn new(of: impl Fn(KeyKind) -> Bytes, updated_at: Timestamp) -> Self {
        let server = PreparedAnswer::new(of(KeyKind::Server), updated_at);
        let client = of(KeyKind::Client);
        Self {
            client: if client == server.body.plain {
                server.clone()
            } else {
                PreparedAnswer::new(client, updated_at)
            },
            server,
        }
    }

    pub(super) fn get(&self, kind: KeyKind) -> &PreparedAnswer {
        match kind {
            KeyKind::Client => &self.client,
            KeyKind::Server => &self.server,
        }
    }

    /// As [`PreparedAnswer::succeed`].
    pub(super) fn succeed(&mut self, earlier: &Self) {
        self.client.succeed(&earlier.client);
        self.server.succeed(&earlier.server);
    }
}

impl Body {
    fn new(plain: Bytes) -> Self {
        let digest = digest(&plain);
        Self {
            etags: Etags {
                identity: format!("\"{digest}\"").into(),
                gzip: format!("\"{digest}-gzip\"").into(),
                zstd: format!("\"{digest}-zstd\"").into(),
            },
            plain,
            gzip: OnceCell::new(),
            zstd: OnceCell::new(),
        }
    }
}

/// A date of HTTP (RFC 9110, section 5.6.7).
fn http_date(at: Timestamp) -> Box<str> {
    let date = at.to_utc().format("%a, %d %b %Y %H:%M:%S GMT");
    date.to_string().into()
}

/// Half of a SHA-256, in hexadecimal.
fn digest(body: &[u8]) -> String {
    let digest = Sha256::digest(body);
    let (head, _) = digest.as_slice().as_chunks::<16>();
    format!("{:032x}", u128::from_be_bytes(head[0]))
}
