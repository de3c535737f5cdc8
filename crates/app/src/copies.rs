//! Copies of what is served, in the data directory of a node whose database is elsewhere: a node that starts while the
//! database is away serves what they say.

use crate::App;
use crate::error::{Error, Result};
use liftgate_delivery::{Copies, EnvironmentData, EnvironmentSnapshot, Stamp};
use liftgate_model::EnvironmentId;
use std::collections::HashMap;
use std::io;

/// The revision under which a copy is served: whatever the database says, once it can be asked, is later.
const BEFORE_ANY_REVISION: i64 = -1;

impl App {
    /// Serves the copies; answers how many there are. Those that are not sound are left out, with a warning.
    ///
    /// # Errors
    /// `Internal` when the directory cannot be read.
    pub async fn serve_copies(&self) -> Result<usize> {
        let Some(copies) = &self.copies else {
            return Ok(0);
        };
        let mut served = 0;
        for id in blocking(copies, Copies::list).await? {
            if let Some(mut data) = read(copies, id).await? {
                data.environment.revision = BEFORE_ANY_REVISION;
                data.put_into_force(self.clock.now());
                self.delivery
                    .publish(EnvironmentSnapshot::build(data, &self.settings.delivery));
                served += 1;
            }
        }
        Ok(served)
    }
}

/// Puts the versions into force whose time has come, by what the copies say: the database cannot be asked. Once it can, what
/// it says takes their place.
///
/// # Errors
/// `Internal` from the disk.
pub(crate) async fn put_into_force(app: &App) -> Result<()> {
    let Some(copies) = &app.copies else {
        return Ok(());
    };
    let now = app.clock.now();
    for (id, served) in app.delivery.due(now) {
        let Some(mut data) = read(copies, id).await? else {
            continue;
        };
        if served.revision == BEFORE_ANY_REVISION {
            data.environment.revision = served.revision;
        }
        // What came into force since the copy was written is served already.
        data.put_into_force(served.updated_at);
        if data.stamp() != served {
            tracing::warn!(environment.id = id.0, "copies.behind");
            continue;
        }
        data.put_into_force(now);
        app.delivery
            .publish(EnvironmentSnapshot::build(data, &app.settings.delivery));
        tracing::info!(environment.id = id.0, "copies.version_in_force");
    }
    Ok(())
}

/// Writes a copy of every environment that is served in another state than its copy says, and removes the copies of those
/// that are gone. `kept` is what the copies say, once they were looked at.
///
/// # Errors
/// `Unavailable` from the database, `Internal` from the disk; what is done until then is done.
pub(crate) async fn keep(app: &App, kept: &mut Option<HashMap<EnvironmentId, Option<Stamp>>>) -> Result<()> {
    let Some(copies) = &app.copies else {
        return Ok(());
    };
    let kept = match kept {
        Some(kept) => kept,
        None => kept.insert(look_at(copies).await?),
    };
    let served = app.delivery.stamps();
    let gone: Vec<_> = kept
        .keys()
        .filter(|id| !served.contains_key(id))
        .copied()
        .collect();
    for id in gone {
        blocking(copies, move |copies| copies.remove(id)).await?;
        kept.remove(&id);
    }
    for (id, stamp) in served {
        if kept.get(&id) == Some(&Some(stamp)) {
            continue;
        }
        if let Some(data) = app.read_environment(id).await? {
            let stamp = data.stamp();
            blocking(copies, move |copies| copies.write(&data)).await?;
            kept.insert(id, Some(stamp));
        }
    }
    Ok(())
}

/// What the copies say; nothing of those that are not sound.
async fn look_at(copies: &Copies) -> Result<HashMap<EnvironmentId, Option<Stamp>>> {
    let mut found = HashMap::new();
    for id in blocking(copies, Copies::list).await? {
        let stamp = read(copies, id).await?.map(|data| data.stamp());
        found.insert(id, stamp);
    }
    Ok(found)
}

/// Reads a copy; a warning and nothing when it is not sound.
async fn read(copies: &Copies, id: EnvironmentId) -> Result<Option<EnvironmentData>> {
    let outcome = blocking(copies, move |copies| Ok(copies.read(id))).await?;
    if let Err(fault) = &outcome {
        tracing::warn!(environment.id = id.0, error = ?fault, "copies.unusable");
    }
    Ok(outcome.ok())
}

/// Works with the disk where nobody waits for it.
async fn blocking<T: Send + 'static>(
    copies: &Copies,
    work: impl FnOnce(&Copies) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let copies = copies.clone();
    let done = tokio::task::spawn_blocking(move || work(&copies)).await;
    done.map_err(Error::internal)?.map_err(Error::internal)
}
