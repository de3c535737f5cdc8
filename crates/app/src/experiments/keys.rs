//! Gives options keys. SDKs record an exposure only for a variant with a name.

use crate::error::Result;
use crate::work::{Entry, Work};
use liftgate_model::audit::{ChangeType, RelatedObject};
use liftgate_model::feature::{Feature, MultivariateOption};
use liftgate_store::options;

/// Names every option that has no key `Variant_1`, `Variant_2`, … by its place, stepping over names that are taken.
pub(super) async fn fill(
    work: &mut Work<'_>,
    feature: &Feature,
    mut all: Vec<MultivariateOption>,
) -> Result<()> {
    if all.iter().all(|option| option.key.is_some()) {
        return Ok(());
    }
    for index in 0..all.len() {
        if all[index].key.is_some() {
            continue;
        }
        let taken = |name: &str| all.iter().any(|option| option.key.as_deref() == Some(name));
        let key = (index + 1..=index + 1 + all.len())
            .map(|number| format!("Variant_{number}"))
            .find(|name| !taken(name));
        all[index].key = key;
        options::update(&work.tx, &all[index]).await?;
    }
    let entry = Entry::in_project(
        format!("Flag / Remote Config updated: {}", feature.name),
        feature.project,
        RelatedObject::Feature,
        feature.id.0,
        ChangeType::Update,
    );
    work.audit(entry).await
}
