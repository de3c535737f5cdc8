//! A name for every request, told to the client and written into every log line about it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::HeaderValue;
use liftgate_model::Random;

/// Digits that name the process.
const PROCESS_DIGITS: usize = 12;
/// Digits of an id.
const DIGITS: usize = 24;

/// The id of a request: 24 hexadecimal digits, unique on this server and across its restarts. An extension of the
/// request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; DIGITS]);

impl RequestId {
    /// The id.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as the value of a header.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_bytes(&self.0).ok()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

/// Hands out request ids: a random part per process and a count, because a random one per request would cost a system
/// call.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: [u8; PROCESS_DIGITS],
    next: AtomicU64,
}

impl RequestIds {
    pub fn new(random: &dyn Random) -> Self {
        let mut process = [b'0'; PROCESS_DIGITS];
        for (digit, random) in process.iter_mut().zip(random.hex(PROCESS_DIGITS / 2).bytes()) {
            *digit = random;
        }
        Self {
            process,
            next: AtomicU64::new(1),
        }
    }

    pub fn next(&self) -> RequestId {
        let mut count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = [b'0'; DIGITS];
        id[..PROCESS_DIGITS].copy_from_slice(&self.process);
        for digit in id[PROCESS_DIGITS..].iter_mut().rev() {
            *digit = b"0123456789abcdef"[(count & 0xf) as usize];
            count >>= 4;
        }
        RequestId(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Random for Sevens {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0x7a);
        }
    }

    #[test]
    fn ids_count_behind_the_name_of_the_process() {
        let ids = RequestIds::new(&Sevens);
        assert_eq!(ids.next().as_str(), "7a7a7a7a7a7a000000000001");
        ids.next.store(0xfedc_ba98_7654, Ordering::Relaxed);
        assert_eq!(ids.next().as_str(), "7a7a7a7a7a7afedcba987654");
        assert_eq!(ids.next().header().unwrap(), "7a7a7a7a7a7afedcba987655");
    }
}
