//! `liftgate migrate`.

use super::say;
use crate::config::Config;
use crate::node::open_store;

/// Brings the schema up to date.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    store.close().await?;
    say("The database is up to date.");
    Ok(())
}
