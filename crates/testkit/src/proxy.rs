//! A network in between that can fail.

use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How the network is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    /// Bytes pass.
    Sound,
    /// Connections are closed, new ones too.
    Cut,
    /// Connections stay, are taken, and nothing passes.
    Silent,
}

/// Passes TCP connections on until it is told to fail. Gone with the last of its clones.
#[derive(Debug, Clone)]
pub struct Proxy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    address: SocketAddr,
    link: watch::Sender<Link>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// In front of an address: `127.0.0.1:5432`.
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let link = watch::Sender::new(Link::Sound);
        let states = link.subscribe();
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, target.clone(), states.clone()));
            }
        });
        Self(Arc::new(Inner { address, link, task }))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// Closes every connection, and new ones at once.
    pub fn cut(&self) {
        self.0.link.send_replace(Link::Cut);
    }

    /// Lets nothing pass any more, without a word to anybody.
    pub fn silence(&self) {
        self.0.link.send_replace(Link::Silent);
    }

    /// Makes the network sound again. What waited passes.
    pub fn mend(&self) {
        self.0.link.send_replace(Link::Sound);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Passes one connection on, until an end closes it or the network is cut.
async fn pass(client: TcpStream, target: String, mut states: watch::Receiver<Link>) {
    let mut cut = states.clone();
    let passing = async move {
        let _ = states.wait_for(|link| *link != Link::Silent).await;
        let server = TcpStream::connect(target).await?;
        let ((client_in, client_out), (server_in, server_out)) = (client.into_split(), server.into_split());
        tokio::select! {
            done = pump(client_in, server_out, states.clone()) => done,
            done = pump(server_in, client_out, states) => done,
        }
    };
    // Either way the connection ends here, and with it both sockets.
    tokio::select! {
        _ = cut.wait_for(|link| *link == Link::Cut) => {}
        _ = passing => {}
    }
}

/// Passes bytes one way while the network is sound.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut states: watch::Receiver<Link>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        let _ = states.wait_for(|link| *link == Link::Sound).await;
        to.write_all(&buffer[..count]).await?;
    }
}
