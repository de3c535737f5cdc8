//! The questions of experimentation, answered in a single pass over the columns that they need.
//!
//! * `exposure_table`: who was first exposed when and to what, as a compact table.
//! * `hash_range`: the part of the identities that one pass is about, when the table of all would be too large.
//! * `rows`: the rows of a window, sealed and unsealed, each once.
//! * `filter`: which rows of an event count.
//! * `plan`: what is read for the metrics and added up of it, each thing once.
//! * `accumulate`: the numbers of each identity.
//! * `order`, `caps`: order statistics of these, and the thresholds at which they are capped.
//! * `sums`: the numbers of each variant.
//! * `quantiles`, `event_values`: the quantiles of each variant, of identities and of events.
//! * `passes`: the identities, in as many passes as the memory asks for.
//! * `analysis`: the passes put together.
//! * `parts`, `daily`: the numbers of a part of the identities, and of each day.
//! * `attributes`, `levels`, `dimensions`: what the identities were at their first exposure, and the numbers by that.
//! * `first_exposures`, `phases`: the identities by the time in which they were first exposed.
//! * `names`: event names and totals.
//! * `sql`, `metric_sql`, `quantile_sql`: the same question for DuckDB.

pub(crate) mod accumulate;
pub(crate) mod analysis;
pub(crate) mod attributes;
pub(crate) mod caps;
pub(crate) mod daily;
pub(crate) mod dimensions;
pub(crate) mod event_values;
pub(crate) mod exposure_table;
pub(crate) mod filter;
pub(crate) mod first_exposures;
pub(crate) mod hash_range;
pub(crate) mod levels;
pub(crate) mod metric_sql;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod parts;
pub(crate) mod passes;
pub(crate) mod phases;
pub(crate) mod plan;
pub(crate) mod quantile_sql;
pub(crate) mod quantiles;
pub(crate) mod rows;
pub(crate) mod sql;
pub(crate) mod sums;
