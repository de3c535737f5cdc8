//! When an environment's flags were first evaluated, and by which SDK: what the first-steps page waits for.

use crate::App;
use crate::error::{Error, Result};
use liftgate_model::Timestamp;
use liftgate_model::environment::Environment;
use liftgate_store::{Conn, environments, settings};

/// A first evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstEvaluation {
    /// When.
    pub at: Timestamp,
    /// The SDK's name, or `unknown`.
    pub sdk: String,
}

/// The first evaluation, if there was one. Anybody who knows the client-side key may ask.
///
/// # Errors
/// 404 for an unknown key.
pub async fn first_evaluation(app: &App, api_key: &str) -> Result<Option<FirstEvaluation>> {
    let reader = app.store.reader();
    let environment = by_key(&reader, api_key).await?;
    Ok(settings::find(&reader, &setting(&environment))
        .await?
        .as_deref()
        .and_then(read))
}

/// Notes an evaluation; only the first one stays.
///
/// # Errors
/// 404 for an unknown key.
pub async fn note_first_evaluation(app: &App, api_key: &str, sdk: &str) -> Result<()> {
    if first_evaluation(app, api_key).await?.is_some() {
        return Ok(());
    }
    let tx = app.store.begin().await?;
    let environment = by_key(&tx, api_key).await?;
    let name = setting(&environment);
    if settings::find(&tx, &name).await?.is_none() {
        settings::put(&tx, &name, &format!("{} {sdk}", app.clock.now().0)).await?;
    }
    Ok(tx.commit().await?)
}

async fn by_key(conn: &impl Conn, api_key: &str) -> Result<Environment> {
    let found = environments::find_by_key(conn, api_key).await?;
    found.ok_or_else(|| Error::missing("Environment"))
}

/// Under which name it is kept.
fn setting(environment: &Environment) -> String {
    format!("first_evaluation.{}", environment.id)
}

fn read(text: &str) -> Option<FirstEvaluation> {
    let (at, sdk) = text.split_once(' ')?;
    Some(FirstEvaluation {
        at: Timestamp(at.parse().ok()?),
        sdk: sdk.to_owned(),
    })
}
