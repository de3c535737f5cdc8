//! The flags of an environment, without an identity (contract, sdk-api section 2).

mod list;
mod multivariate_options;

use crate::operations;
use crate::router::Routes;
use crate::sdk::SdkState;

/// The routes of this folder.
pub fn routes() -> Routes<SdkState> {
    operations!(list::list, multivariate_options::multivariate_options)
}
