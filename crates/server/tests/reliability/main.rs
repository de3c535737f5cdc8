//! What the server must survive: `kill -9`, hostile requests, a database that is away.

mod hostile;
mod kill;
mod outage;
