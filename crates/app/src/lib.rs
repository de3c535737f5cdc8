//! The use-cases of Liftgate. Each authorises through a proof in its arguments, validates, changes, audits and
//! publishes, in one transaction. HTTP, the command line and jobs all call these.

pub mod access;
pub mod error;

pub use error::{Error, Invalid, Result};
