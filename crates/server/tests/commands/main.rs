//! The command line as a person uses it: the real binary, on a data directory of its own.

mod bootstrap;
mod computing;
mod data;
mod doctor;
mod experiment;
mod export;
