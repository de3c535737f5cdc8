//! What a use-case tells beside its answer: it was done, and yet somebody should look.
//!
//! Whoever calls use-cases and can pass warnings on wraps the call in [`gather`]. Elsewhere they are not gathered; what
//! matters is in the audit log too.

use liftgate_model::ExperimentId;
use std::cell::RefCell;

tokio::task_local! {
    static GATHERED: RefCell<Vec<Warning>>;
}

/// Something that was done, and should be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// A flag was changed while this experiment runs on it.
    ExperimentRunning(ExperimentId),
}

/// Runs a future and answers what it warned of beside its output.
pub async fn gather<T>(future: impl Future<Output = T>) -> (T, Vec<Warning>) {
    let scope = async {
        let output = future.await;
        let warnings = GATHERED.with(RefCell::take);
        (output, warnings)
    };
    GATHERED.scope(RefCell::default(), scope).await
}

/// Warns whoever gathers.
pub(crate) fn warn(warning: Warning) {
    let _ = GATHERED.try_with(|gathered| gathered.borrow_mut().push(warning));
}
