//! What the server does by itself, in its own process: publishing what other nodes changed and what it missed, scheduled
//! versions coming into force, the computations of experiments, copies of what is served, and storing usage. All but the
//! usage of the last seconds is found again in the database after a restart.

use crate::experiments::compute_due;
use crate::time_limit::within;
use crate::{App, Result, copies, usage};
use liftgate_store::{News, environments, feature_versions};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often the database is asked what changed, whether or not anybody told.
const CATCH_UP_INTERVAL: Duration = Duration::from_secs(1);
/// How long the database may take to say what changed. One that is cut off without a word would not be asked again.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(5);
/// How often what is served is compared with the copies of it.
const COPY_INTERVAL: Duration = Duration::from_secs(1);
/// How often computations are looked at when nobody asks.
const COMPUTE_INTERVAL: Duration = Duration::from_secs(5);
/// How often usage is stored.
const USAGE_INTERVAL: Duration = Duration::from_secs(5);

/// Runs the jobs until the channel says to stop; a run that has begun is finished.
pub async fn run(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    reach_database(&app, &mut stop).await;
    let mut tasks = JoinSet::new();
    tasks.spawn(keep_published(Arc::clone(&app), stop.clone()));
    tasks.spawn(keep_informed(Arc::clone(&app), stop.clone()));
    tasks.spawn(keep_computed(Arc::clone(&app), stop.clone()));
    tasks.spawn(keep_copies(Arc::clone(&app), stop.clone()));
    tasks.spawn(keep_usage(app, stop));
    while tasks.join_next().await.is_some() {}
}

/// Brings the schema up to date as soon as the database can be reached, if it could not at the start.
async fn reach_database(app: &App, stop: &mut watch::Receiver<bool>) {
    while app.check_ready().is_err() && !*stop.borrow() {
        match app.store.migrate().await {
            Ok(()) => tracing::info!("jobs.database_reached"),
            Err(error) => {
                tracing::warn!(error = ?error, "jobs.database_away");
                if let Err(error) = copies::put_into_force(app).await {
                    tracing::warn!(error = ?error, "jobs.schedule_failed");
                }
                rest(CATCH_UP_INTERVAL, stop).await;
            }
        }
    }
}

async fn keep_published(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match within(CATCH_UP_TIMEOUT, "Catching up", tick(&app)).await {
            Ok(()) => app.delivery.source_answers(),
            Err(error) => {
                tracing::warn!(error = ?error, "jobs.catch_up_failed");
                if let Err(error) = copies::put_into_force(&app).await {
                    tracing::warn!(error = ?error, "jobs.schedule_failed");
                }
            }
        }
        rest(CATCH_UP_INTERVAL, &mut stop).await;
    }
}

/// Publishes what other nodes change as soon as they tell. While they cannot be heard, [`keep_published`] finds it.
async fn keep_informed(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        tokio::select! {
            heard = publish_news(&app) => match heard {
                Ok(()) => return,
                Err(error) => tracing::warn!(error = ?error, "jobs.news_unheard"),
            },
            _ = stop.changed() => return,
        }
        rest(CATCH_UP_INTERVAL, &mut stop).await;
    }
}

/// Publishes, and forgets, what is told until it cannot be heard any more; ends at once where nobody else could tell
/// anything.
async fn publish_news(app: &App) -> Result<()> {
    let Some(mut changes) = app.store.listen().await? else {
        return Ok(());
    };
    // What was told until now went by unheard. Environments are looked at every second; identities are many.
    app.delivery.doubt_identities();
    loop {
        match changes.next().await? {
            News::Environments => {
                if let Err(error) = within(CATCH_UP_TIMEOUT, "Catching up", app.catch_up()).await {
                    tracing::warn!(error = ?error, "jobs.catch_up_failed");
                }
            }
            News::Identities(identities) => {
                for (environment, identifier) in identities {
                    match identifier {
                        Some(identifier) => app.delivery.forget(environment, &identifier),
                        None => app.delivery.forget_environment(environment),
                    }
                }
            }
        }
    }
}

/// Puts scheduled versions into force, then publishes what is behind.
async fn tick(app: &App) -> Result<()> {
    let now = app.clock.now();
    let due = feature_versions::list_due(&app.store.reader(), now).await?;
    if !due.is_empty() {
        let tx = app.store.begin().await?;
        environments::touch(&tx, &due, now).await?;
        tx.commit().await?;
    }
    app.catch_up().await
}

async fn keep_computed(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = compute_due(&app).await {
            tracing::warn!(error = ?error, "jobs.compute_failed");
        }
        tokio::select! {
            () = rest(COMPUTE_INTERVAL, &mut stop) => {}
            () = app.wake.notified() => {}
        }
    }
}

async fn keep_copies(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut kept = None;
    loop {
        // Seen before the last run, so that it comes after the last change.
        let is_last = *stop.borrow();
        if let Err(error) = copies::keep(&app, &mut kept).await {
            tracing::warn!(error = ?error, "jobs.copies_failed");
        }
        if is_last {
            return;
        }
        rest(COPY_INTERVAL, &mut stop).await;
    }
}

async fn keep_usage(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if let Err(error) = usage::flush(&app).await {
            tracing::warn!(error = ?error, "jobs.usage_failed");
        }
        rest(USAGE_INTERVAL, &mut stop).await;
    }
}

/// Waits a while, or until the channel says to stop.
async fn rest(time: Duration, stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        _ = stop.changed() => {}
    }
}
