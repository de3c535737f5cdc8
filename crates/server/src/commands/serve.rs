//! `liftgate serve`.

use super::say;
use crate::Node;
use crate::config::{Config, ServeConfig};
use anyhow::Context as _;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Serves until SIGINT or SIGTERM.
pub async fn run(config: &Config, serve: &ServeConfig) -> anyhow::Result<()> {
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

/// Says where the server is and, while nobody has an account, how to begin.
async fn greet(node: &Node, address: SocketAddr) -> anyhow::Result<()> {
    say(format_args!("Liftgate is at http://{address}/"));
    if let Some(token) = liftgate_app::accounts::create_setup_link(&node.app).await? {
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
