//! Passwords: Argon2id with OWASP's minimum (19 MiB, 2 passes, 1 lane), at most four at once so that sign-in cannot eat
//! the memory.

use crate::error::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use liftgate_model::{Random, Secret};
use std::sync::Arc;
use tokio::sync::Semaphore;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const AT_ONCE: usize = 4;
/// Bytes of salt.
const SALT_BYTES: usize = 16;
/// What is checked against when there is no such user, so that the time does not tell: as dear as any other hash, and of no
/// password. Salt and hash were drawn at random.
const DECOY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$nk1hmjYZwuISg1NPweGPNg$9dnhOSz3siUoVoH/wgzdOgzAHVS/1U5MZTVAyveLLn0";
/// Characters a password must have.
const MIN_CHARACTERS: usize = 8;
/// A password that is guessed within this many tries is common: the head of every list of leaked passwords.
const COMMON_GUESSES: u64 = 10_000;
/// Characters beyond which hashing would only burn time.
const MAX_CHARACTERS: usize = 1_024;

/// Hashes and checks passwords off the runtime's threads.
pub struct Passwords {
    random: Arc<dyn Random>,
    slots: Arc<Semaphore>,
}

impl Passwords {
    /// With a source of salts.
    pub fn new(random: Arc<dyn Random>) -> Self {
        Self {
            random,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a password in PHC form.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String> {
        let random = Arc::clone(&self.random);
        self.off_runtime(move || hash_with(random.as_ref(), password.expose()))
            .await?
    }

    /// Whether a password fits a hash. Without a hash the answer is no, after the same time.
    pub(crate) async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| DECOY.to_owned());
        let fits = self.off_runtime(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.expose().as_bytes(), &hash)
                    .is_ok()
            })
        });
        Ok(fits.await? && known)
    }

    async fn off_runtime<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let _slot = self.slots.acquire().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

fn hash_with(random: &dyn Random, password: &str) -> Result<String> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| Error::internal(error.to_string()))?;
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt);
    let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| Error::internal(error.to_string()))?;
    Ok(hash.to_string())
}

/// What speaks against a password, in the words of the contract; an empty list means nothing does. `about` is what an
/// attacker would try first for this person: the address and the names.
pub(crate) fn weaknesses(password: &str, about: &[&str]) -> Vec<&'static str> {
    let mut found = Vec::new();
    let length = password.chars().count();
    if length < MIN_CHARACTERS {
        found.push("This password is too short. It must contain at least 8 characters.");
    }
    if length > MAX_CHARACTERS {
        found.push("This password is too long. It must contain at most 1024 characters.");
    } else if zxcvbn::zxcvbn(password, &tried_first(about)).guesses() < COMMON_GUESSES {
        found.push("This password is too common.");
    }
    if !password.is_empty() && password.bytes().all(|byte| byte.is_ascii_digit()) {
        found.push("This password is entirely numeric.");
    }
    found
}

/// What is known about a person, and the parts of it: an address is known by the name before the `@`.
fn tried_first<'a>(about: &[&'a str]) -> Vec<&'a str> {
    let parts = |text: &'a str| {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|part| !part.is_empty())
    };
    about
        .iter()
        .flat_map(|text| std::iter::once(*text).chain(parts(text)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_everybody_tries_are_refused() {
        for common in ["password", "qwertyuiop", "iloveyou", "Password1"] {
            assert_eq!(
                weaknesses(common, &[]),
                ["This password is too common."],
                "{common}"
            );
        }
        assert_eq!(
            weaknesses("katherine", &["katherine@example.com", "katherine"]),
            ["This password is too common."]
        );
        assert_eq!(
            weaknesses("xavierquintero", &["xavierquintero@example.com", "X"]),
            ["This password is too common."]
        );
        assert!(weaknesses("correct horse battery", &[]).is_empty());
        assert!(weaknesses("x7#kPq2!vL", &[]).is_empty());
    }

    #[test]
    fn nobody_is_checked_as_dearly_as_anybody() {
        struct Sevens;
        impl Random for Sevens {
            fn fill(&self, buffer: &mut [u8]) {
                buffer.fill(7);
            }
        }
        let hash = hash_with(&Sevens, "correct horse battery").expect("a hash");
        let hash = PasswordHash::new(&hash).expect("in PHC form");
        let decoy = PasswordHash::new(DECOY).expect("in PHC form");
        assert_eq!(
            (&decoy.algorithm, &decoy.version, &decoy.params),
            (&hash.algorithm, &hash.version, &hash.params)
        );
        let lengths = |hash: &PasswordHash| {
            (
                hash.salt.as_ref().map(|salt| salt.as_ref().len()),
                hash.hash.map(|hash| hash.as_bytes().len()),
            )
        };
        assert_eq!(lengths(&decoy), lengths(&hash));
    }

    #[test]
    fn every_weakness_is_named() {
        let found = weaknesses("123", &[]);
        assert_eq!(found.len(), 3, "{found:?}");
    }
}
