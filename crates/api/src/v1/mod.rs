//! The admin API: one folder a resource.

pub mod value;

use crate::router::Routes;

/// Every route of the admin API.
pub fn routes() -> Routes {
    Routes::new()
}
