//! What handlers take from a request. Order matters: the guard first, then what throttles, then paths and queries, the
//! body last, so that whoever may not call learns nothing about the input.

pub mod body;
pub mod page;
pub mod path;
pub mod query;

pub use body::Body;
pub use page::{Page10, Page999};
pub use path::{PathId, PathText, PathUuid};
pub use query::Query;
