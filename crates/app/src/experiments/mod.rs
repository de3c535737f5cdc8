//! Experiments: set up, rolled out, started, measured, shipped.
//!
//! The rollout is not a stored field. [`rollout`] writes it to its two sources of truth (the percentage split of a
//! system segment, and that segment's override of the flag), [`view`] reads it back from there.

mod analysis_settings;
mod attachments;
mod breakdowns;
mod computations;
mod create;
mod delete;
mod keys;
mod lifecycle;
mod metric_inputs;
mod metric_overrides;
mod phases;
mod quantiles;
mod rollout;
mod run;
mod ship;
mod trait_report;
mod update;
mod view;

pub use analysis_settings::{change_settings, settings, settings_of_operator};
pub use attachments::{attach, attachment, attachments, change_attachment, detach};
pub use breakdowns::{
    MAX_DIMENSION_CHARACTERS, MAX_DIMENSIONS, breakdown, breakdown_of_operator, change_dimensions,
    dimensions, dimensions_of_operator,
};
pub use computations::{computation, refresh, runs};
pub use create::{NewExperiment, create};
pub use delete::delete;
pub use lifecycle::{complete, pause, start};
pub(crate) use phases::note as note_phases;
pub use rollout::{RolloutInput, change_rollout};
pub use run::{compute_due, run_computation};
pub use ship::ship;
pub use trait_report::{MAX_VARIANTS, TraitReport, Verdict, trait_report};
pub use update::update;
pub use view::{ExperimentFeature, ExperimentPage, ExperimentView, ListFilter, find, list};

use crate::error::{Error, Result};
use crate::work::{Entry, Work};
use liftgate_model::ExperimentId;
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::environment::Environment;
use liftgate_model::experiment::Experiment;
use liftgate_model::feature::Feature;
use liftgate_store::{Conn, experiments, features};

/// The audit record of something that happened to an experiment.
fn entry(environment: &Environment, experiment: &Experiment, what: &str, change: ChangeType) -> Entry {
    Entry::in_environment(
        format!(
            "Experiment '{}' {what} for environment {}",
            experiment.name, environment.name
        ),
        environment.project,
        environment.id,
        RelatedObject::Experiment,
        experiment.id.0,
        change,
    )
}

/// The experiment with that id, locked for a change.
async fn find_for_update(work: &Work<'_>, environment: &Environment, id: ExperimentId) -> Result<Experiment> {
    let found = experiments::find_for_update(&work.tx, environment.id, id).await?;
    found.ok_or_else(|| Error::missing("Experiment"))
}

/// The feature of an experiment.
async fn feature_of(conn: &impl Conn, experiment: &Experiment) -> Result<Feature> {
    let found = features::find_by_id(conn, experiment.feature).await?;
    found.ok_or_else(|| Error::missing("Feature"))
}
