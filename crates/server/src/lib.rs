//! The `liftgate` binary: configuration, wiring and the command line. Nothing is decided here.

pub mod cli;
mod commands;
pub mod config;
mod figures;
mod health;
mod http;
mod logging;
pub mod node;
mod secret_key;
mod setup;

pub use config::Config;
pub use node::Node;
