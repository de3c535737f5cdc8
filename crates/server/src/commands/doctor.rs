//! `liftgate doctor`.

use super::say;
use crate::config::Config;
use crate::node::{copies_dir, events_dir};
use anyhow::bail;
use liftgate_delivery::Copies;
use liftgate_events::{EmbeddedReader, EventReader as _, QueryOptions};
use liftgate_model::{Clock as _, OsRandom, SystemClock, Timestamp};
use liftgate_store::{Store, StoreOptions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::UNIX_EPOCH;

/// Examines everything; changes nothing.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut faults = 0;
    let mut report = |subject: &str, outcome: Result<String, String>| match outcome {
        Ok(finding) => say(format_args!("ok       {subject}: {finding}")),
        Err(fault) => {
            faults += 1;
            say(format_args!("DAMAGED  {subject}: {fault}"));
        }
    };
    report("configuration", check_config(config));
    report("database", check_database(config).await);
    report("events", check_events(config).await);
    report("copies", check_copies(config, SystemClock.now()));
    if faults > 0 {
        bail!("{faults} of 4 checks failed");
    }
    Ok(())
}

fn check_config(config: &Config) -> Result<String, String> {
    let dir = &config.data_dir;
    if !dir.is_dir() {
        return Err(format!("there is no data directory at {}", dir.display()));
    }
    let key = dir.join("secret.key");
    if config.secret_key.is_none() && key.exists() {
        let mode = key
            .metadata()
            .map_err(|error| error.to_string())?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            return Err(format!(
                "{} can be read by others (mode {:o})",
                key.display(),
                mode & 0o777
            ));
        }
        crate::secret_key::load(None, dir, &OsRandom).map_err(|error| format!("{error:#}"))?;
    }
    Ok(format!("data directory {}", dir.display()))
}

async fn check_database(config: &Config) -> Result<String, String> {
    let url = config.database_url();
    if let Some(path) = url.strip_prefix("sqlite://")
        && !std::path::Path::new(path).exists()
    {
        return Err(format!("there is no database at {path}"));
    }
    let open = Store::open(&url, &StoreOptions::default()).await;
    let store = open.map_err(|error| format!("cannot be opened: {error}"))?;
    let migrated = store
        .is_migrated()
        .await
        .map_err(|error| format!("cannot be read: {error}"))?;
    let damage = store
        .integrity_check()
        .await
        .map_err(|error| format!("cannot be checked: {error}"))?;
    if !damage.is_empty() {
        return Err(damage.join("; "));
    }
    Ok(if migrated {
        "sound, schema up to date"
    } else {
        "sound, migrations pending"
    }
    .to_owned())
}

async fn check_events(config: &Config) -> Result<String, String> {
    let dir = events_dir(&config.data_dir);
    if !dir.exists() {
        return Ok("none yet".to_owned());
    }
    let store = EmbeddedReader::open(&dir, QueryOptions::default()).map_err(|error| error.to_string())?;
    let report = store.check().await.map_err(|error| error.to_string())?;
    if !report.is_sound() {
        return Err(report.problems.join("; "));
    }
    Ok(format!(
        "{} records in {} log segments, {} rows in {} Parquet files, every checksum right",
        report.log_records, report.log_segments, report.parquet_rows, report.parquet_files
    ))
}

/// Looks at what the node would serve if it started while its database is away.
fn check_copies(config: &Config, now: Timestamp) -> Result<String, String> {
    let dir = copies_dir(&config.data_dir);
    if !dir.exists() {
        return Ok("none; a node on Postgres keeps them".to_owned());
    }
    let copies = Copies::open(dir).map_err(|error| error.to_string())?;
    let ids = copies.list().map_err(|error| error.to_string())?;
    let (mut ages, mut faults) = (Vec::new(), Vec::new());
    for id in ids {
        let sound = copies.read(id).map_err(|fault| fault.to_string());
        let written = copies.written_at(id).map_err(|error| error.to_string());
        match sound.and(written) {
            Ok(at) => {
                let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
                let millis = i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX);
                ages.push(now.seconds_since(Timestamp::from_millis(millis)));
            }
            Err(fault) => faults.push(format!("environment {id}: {fault}")),
        }
    }
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    Ok(match (ages.iter().min(), ages.iter().max()) {
        (Some(newest), Some(oldest)) => format!(
            "{} environments, every checksum right, written {newest} s to {oldest} s ago",
            ages.len()
        ),
        _ => "none yet".to_owned(),
    })
}
