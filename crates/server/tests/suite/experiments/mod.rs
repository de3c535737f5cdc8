//! Experiments through HTTP (contract, admin API, section 7 and the acceptance list of section 11).

mod analysis;
mod analysis_overrides;
mod assignment;
mod breakdowns;
mod cleanup;
mod computations;
mod lifecycle;
mod listing;
mod lock;
mod metric_kinds;
mod outside_changes;
mod phases;
mod quantiles;
mod ratio_covariates;
mod representation;
mod rollout;
mod setup;
mod trait_report;
