//! `liftgate serve`.

use super::say;
use crate::Node;
use crate::config::{Config, ServeConfig};
use anyhow::Context as _;
use liftgate_app::App;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Open files beside connections, generously: databases, the event log, files of events that a question reads.
const OTHER_FILES: u64 = 256;

/// Serves until SIGINT or SIGTERM.
pub async fn run(config: &Config, serve: &ServeConfig) -> anyhow::Result<()> {
    raise_open_files(serve);
    let node = Node::open(config, serve).await?;
    let listener = TcpListener::bind(serve.listen)
        .await
        .with_context(|| format!("listening at {}", serve.listen))?;
    let address = listener.local_addr()?;
    greet(&node, address).await?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        match wait_for_signal().await {
            Ok(()) => tracing::info!("server.stopping"),
            Err(error) => tracing::error!(%error, "server.signals_unavailable"),
        }
        stop.send_replace(true);
    });
    node.serve(listener, stopped).await
}

/// Raises the limit of open files as far as the system lets an ordinary process: every connection is one.
fn raise_open_files(serve: &ServeConfig) {
    let wanted = u64::try_from(serve.max_connections)
        .unwrap_or(u64::MAX)
        .saturating_add(OTHER_FILES);
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < wanted => {
            tracing::warn!(limit, wanted, "server.open_files_below_connections");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "server.open_files_limit_kept"),
    }
}

/// Says where the server is, and how to begin; while the database is away, that as soon as it is back.
async fn greet(node: &Node, address: SocketAddr) -> anyhow::Result<()> {
    say(format_args!("Liftgate is at http://{address}/"));
    if node.app.check_ready().is_ok() {
        return offer_setup(&node.app, address).await;
    }
    say(
        "The database cannot be reached. Flags are served as they were last, and nothing can be changed until it is back.",
    );
    let app = Arc::clone(&node.app);
    tokio::spawn(async move {
        app.wait_until_ready().await;
        say("The database is back.");
        if let Err(error) = offer_setup(&app, address).await {
            tracing::warn!(error = ?error, "server.setup_link_failed");
        }
    });
    Ok(())
}

/// Says how to begin while nobody has an account.
async fn offer_setup(app: &App, address: SocketAddr) -> anyhow::Result<()> {
    if let Some(token) = liftgate_app::accounts::create_setup_link(app).await? {
        say(format_args!(
            "Create the first administrator at http://{address}/setup/{}/",
            token.expose()
        ));
        say("(the link works once; `liftgate admin create-user` does the same from here)");
    }
    Ok(())
}

async fn wait_for_signal() -> anyhow::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
