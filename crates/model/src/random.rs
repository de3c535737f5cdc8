//! Where random ids, keys and tokens come from.

use uuid::Uuid;

/// A source of random bytes; passed in everywhere, so that tests can repeat themselves.
pub trait Random: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system hands out random bytes");
    }
}

impl dyn Random + '_ {
    /// A random (version 4) UUID.
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// `bytes` random bytes as lower-case hexadecimal text.
    pub fn hex(&self, bytes: usize) -> String {
        use std::fmt::Write as _;
        let mut buffer = vec![0; bytes];
        self.fill(&mut buffer);
        buffer
            .iter()
            .fold(String::with_capacity(bytes * 2), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }

    /// `length` letters and digits (5.95 bits each), as environment keys use them.
    pub fn alphanumeric(&self, length: usize) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        let mut buffer = [0; 64];
        while text.len() < length {
            self.fill(&mut buffer);
            // Bytes of 248 and above are dropped, so that every letter is equally likely.
            let letters = buffer.iter().filter(|byte| **byte < 248);
            text.extend(
                letters
                    .take(length - text.len())
                    .map(|byte| LETTERS[usize::from(*byte) % 62] as char),
            );
        }
        text
    }
}
