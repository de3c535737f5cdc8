//! The key secrets are encrypted under: configured, or a file only its owner may read.

use anyhow::{Context as _, bail};
use liftgate_model::Random;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

const FILE: &str = "secret.key";

/// The configured key, or that of the data directory, which is made when missing.
pub fn load(configured: Option<&str>, data_dir: &Path, random: &dyn Random) -> anyhow::Result<[u8; 32]> {
    if let Some(text) = configured {
        return parse(text).context("LIFTGATE_SECRET_KEY");
    }
    let path = data_dir.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => parse(&text).with_context(|| path.display().to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&path, random),
        Err(error) => Err(error).with_context(|| path.display().to_string()),
    }
}

fn create(path: &Path, random: &dyn Random) -> anyhow::Result<[u8; 32]> {
    let text = random.hex(32);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("creating {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    parse(&text)
}

fn parse(text: &str) -> anyhow::Result<[u8; 32]> {
    let text = text.trim();
    if text.len() != 64 || !text.is_ascii() {
        bail!("a key has 64 hexadecimal digits");
    }
    let mut key = [0; 32];
    for (byte, digits) in key.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits)?;
        *byte = u8::from_str_radix(digits, 16).context("a key has 64 hexadecimal digits")?;
    }
    Ok(key)
}
