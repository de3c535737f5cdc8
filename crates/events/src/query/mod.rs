//! The questions of experimentation, answered in a single pass over the columns that they need.
//!
//! * `exposure_table`: who was first exposed when and to what, as a compact table.
//! * `hash_range`: the part of the identities that one pass is about, when the table of all would be too large.
//! * `rows`: the rows of a window, sealed and unsealed, each once.
//! * `accumulate`: the numbers of each identity, and from them those of each variant.
//! * `analysis`: the passes put together.
//! * `names`: event names and totals.
//! * `sql`: the same question for DuckDB.

pub(crate) mod accumulate;
pub(crate) mod analysis;
pub(crate) mod exposure_table;
pub(crate) mod hash_range;
pub(crate) mod names;
pub(crate) mod rows;
pub(crate) mod sql;
