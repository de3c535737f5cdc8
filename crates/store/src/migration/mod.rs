//! Migrations, written once for both databases. To change the schema: a new file, a line below, the entity beside it.
//! Expand first; contract a release later.

use sea_orm_migration::prelude::*;

mod m0001_initial;
mod m0002_groups;
mod m0003_usage;
mod m0004_analysis_settings;
mod m0005_due_versions;
mod m0006_breakdowns;
mod m0007_experiment_analysis;

/// Every migration, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_initial::Migration),
            Box::new(m0002_groups::Migration),
            Box::new(m0003_usage::Migration),
            Box::new(m0004_analysis_settings::Migration),
            Box::new(m0005_due_versions::Migration),
            Box::new(m0006_breakdowns::Migration),
            Box::new(m0007_experiment_analysis::Migration),
        ]
    }
}
