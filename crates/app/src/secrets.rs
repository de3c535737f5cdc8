//! Secrets at rest: XChaCha20-Poly1305 under one key, bound to the row they belong to.

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use liftgate_model::{Random, Secret};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The format of what is written: `v1.<key id>.<nonce and ciphertext>`.
const VERSION: &str = "v1";
const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts secrets.
pub struct SecretBox {
    cipher: XChaCha20Poly1305,
    key_id: String,
    random: Arc<dyn Random>,
}

impl SecretBox {
    /// A box under a 256-bit key.
    pub fn new(key: &[u8; 32], random: Arc<dyn Random>) -> Self {
        let key_id = crate::tokens::hex(&Sha256::digest(key)[..4]);
        Self {
            cipher: XChaCha20Poly1305::new(key.into()),
            key_id,
            random,
        }
    }

    /// Encrypts a secret for one place, such as `warehouse_connections/7`: it cannot be read anywhere else.
    pub(crate) fn seal(&self, secret: &Secret, place: &str) -> Result<String> {
        let mut sealed = vec![0; NONCE_BYTES];
        self.random.fill(&mut sealed);
        let nonce = nonce(&sealed)?;
        let payload = Payload {
            msg: secret.expose().as_bytes(),
            aad: place.as_bytes(),
        };
        let text = self
            .cipher
            .encrypt(&nonce, payload)
            .map_err(|_| Error::internal("a secret cannot be encrypted"))?;
        sealed.extend(text);
        Ok(format!("{VERSION}.{}.{}", self.key_id, BASE64.encode(sealed)))
    }

    /// Decrypts what [`SecretBox::seal`] wrote for that place.
    ///
    /// # Errors
    /// `Internal` when it was written under another key, for another place, or was changed.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Secret> {
        let unreadable = || Error::internal("a stored secret cannot be read with the configured key");
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(_), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(unreadable());
        };
        let bytes = BASE64.decode(body).map_err(|_| unreadable())?;
        let (head, text) = bytes.split_at_checked(NONCE_BYTES).ok_or_else(unreadable)?;
        let payload = Payload {
            msg: text,
            aad: place.as_bytes(),
        };
        let plain = self
            .cipher
            .decrypt(&nonce(head)?, payload)
            .map_err(|_| unreadable())?;
        String::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| unreadable())
    }
}

fn nonce(bytes: &[u8]) -> Result<XNonce> {
    XNonce::try_from(bytes).map_err(|_| Error::internal("a nonce has the wrong length"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use liftgate_model::OsRandom;

    #[test]
    fn a_secret_opens_only_in_its_place_and_under_its_key() {
        let secrets = SecretBox::new(&[7; 32], Arc::new(OsRandom));
        let sealed = secrets
            .seal(&Secret::new("pässword"), "warehouse_connections/7")
            .unwrap();
        assert!(!sealed.contains("pässword"));
        assert_eq!(
            secrets.open(&sealed, "warehouse_connections/7").unwrap().expose(),
            "pässword"
        );
        assert!(secrets.open(&sealed, "warehouse_connections/8").is_err());
        assert!(
            SecretBox::new(&[8; 32], Arc::new(OsRandom))
                .open(&sealed, "warehouse_connections/7")
                .is_err()
        );
        assert!(secrets.open("v1.x", "warehouse_connections/7").is_err());
    }
}
