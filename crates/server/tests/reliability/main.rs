//! What the server must survive: `kill -9`, hostile requests, a database that is away.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod administration;
mod hostile;
mod kill;
mod outage;
mod saturation;
mod slow;
