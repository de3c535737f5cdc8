//! Limits of time for what the server does by itself, so that one thing that does not end does not keep the others.

use crate::error::{Error, Result};
use std::time::Duration;

/// Does something within a time. What is not done by then is dropped where it stands.
///
/// # Errors
/// `Unavailable`, with what it was, when the time is over.
pub(crate) async fn within<T>(
    limit: Duration,
    what: &str,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done,
        Err(_) => Err(Error::Unavailable {
            detail: format!("{what} took longer than {} s", limit.as_secs()),
            retry_after_seconds: 2,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_does_not_end_is_given_up_by_its_name() {
        let limit = Duration::from_mins(10);
        let given_up = within(limit, "A computation", std::future::pending::<Result<()>>()).await;
        assert_eq!(
            given_up.unwrap_err().to_string(),
            "A computation took longer than 600 s"
        );
        let late = async {
            tokio::time::sleep(Duration::from_secs(599)).await;
            Ok(7)
        };
        assert_eq!(within(limit, "A computation", late).await.unwrap(), 7);
        let failed = within(limit, "A computation", async { Err::<(), _>(Error::forbidden()) }).await;
        assert!(matches!(failed, Err(Error::Forbidden(None))));
    }
}
