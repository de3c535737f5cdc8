//! The Parquet files that hold the sealed events.
//!
//! * `schema`: the columns and how each is encoded.
//! * `batch`: events to record batches.
//! * `part_writer`: sorted record batches to a file.
//! * `part`: finding and reading the rows of one event in a file.
//! * `summary`: the event names in a file, kept in its footer.

pub(crate) mod batch;
pub(crate) mod part;
pub(crate) mod part_writer;
pub(crate) mod schema;
pub(crate) mod summary;
