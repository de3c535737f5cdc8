//! Experiments (contract, admin API, section 7): set up on a multivariate feature of an environment, with a rollout that
//! is read back from the flag itself, started, paused, completed, shipped, and measured.
//!
//! Quirks, each with the section that fixes it: create and update answer a compact object with the feature's id (7.3);
//! the rollout is changed by PATCH with a complete body (7.4); an illegal step of the life cycle is 400, an active
//! experiment on the same feature 409.

pub mod analysis;
mod attachments;
pub mod breakdowns;
mod computations;
mod create;
mod lifecycle;
mod list;
mod read;
mod rollout;
mod trait_report;
mod update;
mod wire;

use crate::operations;
use crate::router::Routes;

/// The routes of experiments, of their metrics and of their computations.
pub fn routes() -> Routes {
    operations!(
        list::list,
        create::create,
        trait_report::trait_report,
        read::read,
        update::put,
        update::patch,
        lifecycle::delete,
        lifecycle::start,
        lifecycle::pause,
        lifecycle::complete,
        lifecycle::ship,
        rollout::rollout,
        attachments::list,
        attachments::create,
        attachments::read,
        attachments::put,
        attachments::patch,
        attachments::delete,
        computations::exposures,
        computations::results,
        computations::refresh_exposures,
        computations::refresh_results,
        computations::exposures_runs,
        computations::results_runs,
        breakdowns::series,
        breakdowns::by_dimension,
        breakdowns::dimensions,
        breakdowns::change_dimensions,
        analysis::read,
        analysis::change,
    )
}
