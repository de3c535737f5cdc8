//! What the probes ask.

use async_trait::async_trait;
use liftgate_api::health::{Accounts, Check, Health};
use liftgate_app::App;
use std::sync::Arc;
use std::time::Duration;

/// How long a probe waits for the database.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the use-cases.
pub struct NodeHealth(pub Arc<App>);

#[async_trait]
impl Health for NodeHealth {
    async fn checks(&self) -> Vec<Check> {
        let answers = tokio::time::timeout(PATIENCE, self.0.ping()).await;
        let fault = (!matches!(answers, Ok(Ok(())))).then(|| "the database does not answer".to_owned());
        let behind = (self.0.check_ready().is_err())
            .then(|| "the database was not reached since the start".to_owned());
        vec![
            Check {
                name: "DatabaseBackend",
                fault,
            },
            Check {
                name: "MigrationsHealthCheck",
                fault: behind,
            },
        ]
    }

    async fn accounts(&self) -> Option<Accounts> {
        let counts = tokio::time::timeout(PATIENCE, self.0.has_users())
            .await
            .ok()?
            .ok()?;
        Some(Accounts {
            has_users: counts,
            has_logins: counts,
        })
    }
}
