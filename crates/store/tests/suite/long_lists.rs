//! Lists longer than a statement has parameters: 32,766 on SQLite, 65,535 on Postgres.

use crate::support::{ALL, NOW, World, each};
use liftgate_model::AuditId;
use liftgate_model::audit::{AuditRecord, ChangeType, RelatedObject};
use liftgate_model::identity::TraitValue;
use liftgate_store::feature_states::{self, StateFilter};
use liftgate_store::features::{self, FeatureFilter, Owners, TagFilter};
use liftgate_store::grants::{self, Level};
use liftgate_store::segments::{self, SegmentFilter};
use liftgate_store::{
    audit, computations, environments, experiments, feature_segments, feature_versions, groups, identities,
    identity_batches, metrics, options, organisations, projects, tags, users,
};

/// More ids than either database takes as parameters, the lowest among them.
fn many<I: From<i32>>() -> Vec<I> {
    (1..=70_000).map(I::from).collect()
}

#[tokio::test]
async fn a_list_of_ids_may_be_long() {
    each(async |store| {
        let world = World::create(store).await?;
        let (project, environment) = (world.project.id, world.environment.id);
        let tx = store.begin().await?;
        let who = identities::create(&tx, environment, "ada", NOW).await?;
        assert_eq!(users::list_by_ids(&tx, &many()).await?.len(), 1);
        assert!(organisations::count_members_of(&tx, &many()).await?.is_empty());
        assert_eq!(projects::list(&tx, &many()).await?.len(), 1);
        assert_eq!(environments::list_by_ids(&tx, &many()).await?.len(), 1);
        assert_eq!(
            environments::list_visible(&tx, project, Some(&many()), ALL)
                .await?
                .total,
            1
        );
        environments::touch(&tx, &many(), NOW).await?;
        assert_eq!(environments::list_revisions(&tx).await?, [(environment, 1)]);
        assert!(tags::list_by_ids(&tx, project, &many()).await?.is_empty());
        assert!(tags::list_projects(&tx, &many()).await?.is_empty());
        assert_eq!(features::list_by_ids(&tx, &many()).await?.len(), 1);
        assert!(options::list_of(&tx, &many()).await?.is_empty());
        assert_eq!(segments::list_by_ids(&tx, &many()).await?.len(), 1);
        let only = many();
        let filter = SegmentFilter {
            only: Some(&only),
            ..Default::default()
        };
        assert_eq!(segments::list(&tx, project, filter, ALL).await?.total, 1);
        assert_eq!(identities::list_by_ids(&tx, &many()).await?[0].id, who.id);
        assert!(experiments::list_by_ids(&tx, &many()).await?.is_empty());
        assert!(metrics::list_attached(&tx, &many()).await?.is_empty());
        assert!(metrics::list_users(&tx, &many()).await?.is_empty());
        assert!(computations::list(&tx, &many()).await?.is_empty());
        assert!(groups::list_by_ids(&tx, &many()).await?.is_empty());
        assert!(groups::list_members(&tx, &many()).await?.is_empty());
        groups::remove_members(&tx, 1.into(), &many()).await?;
        grants::delete_for_user(&tx, Level::Project, &many::<i32>(), world.user.id).await?;
        assert!(feature_segments::list_by_ids(&tx, &many()).await?.is_empty());
        assert!(
            feature_versions::last_published(&tx, &many(), None)
                .await?
                .is_empty()
        );
        assert!(feature_states::sum_allocations(&tx, &many()).await?.is_empty());
        assert!(
            feature_states::count_overrides(&tx, &world.environment, &many(), NOW)
                .await?
                .is_empty()
        );
        feature_states::delete_allocations(&tx, 1.into(), &many()).await?;
        let (features, segments, people) = (many(), many(), many());
        let filter = StateFilter {
            features: Some(&features),
            segments: Some(&segments),
            identities: Some(&people),
            ..StateFilter::identities(environment)
        };
        assert!(feature_states::list(&tx, &filter).await?.is_empty());
        let filter = audit::AuditFilter {
            projects: many(),
            environments: many(),
            ..Default::default()
        };
        assert_eq!(audit::list(&tx, &filter, ALL).await?.total, 0);
        let filter = FeatureFilter {
            only: Some(many()),
            first: vec![many()],
            owners: Some(Owners {
                users: many(),
                groups: many(),
            }),
            tags: Some(TagFilter::Any(many())),
            ..Default::default()
        };
        assert_eq!(features::list(&tx, project, &filter, ALL).await?.total, 0);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn many_rows_may_be_stored_at_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let who = identities::create(&tx, world.environment.id, "ada", NOW)
            .await?
            .id;
        let keys: Vec<String> = (0..10_000).map(|number| format!("key {number:05}")).collect();
        let value = TraitValue::Boolean(true);
        let values: Vec<_> = keys.iter().map(|key| (who, key.as_str(), &value)).collect();
        identity_batches::put_traits(&tx, &values, NOW).await?;
        let stored = identities::list_traits(&tx, who).await?;
        assert!(stored.iter().map(|one| &one.key).eq(&keys), "in their order");
        let mut unwanted: Vec<String> = (0..70_000).map(|number| format!("other {number}")).collect();
        unwanted.extend_from_slice(&keys[1..]);
        let unwanted: Vec<&str> = unwanted.iter().map(String::as_str).collect();
        identities::delete_traits(&tx, who, &unwanted).await?;
        assert_eq!(identities::list_traits(&tx, who).await?.len(), 1);
        let record = AuditRecord {
            id: AuditId(0),
            created_at: NOW,
            log: "moved".into(),
            author: None,
            master_key: None,
            environment: None,
            project: world.project.id,
            related_object: RelatedObject::Segment,
            related_object_id: None,
            related_object_uuid: None,
            change_type: ChangeType::Create,
            change_details: serde_json::json!([]),
            is_system_event: true,
        };
        audit::create(&tx, &vec![record; 6_000]).await?;
        let filter = audit::AuditFilter {
            projects: vec![world.project.id],
            ..Default::default()
        };
        assert_eq!(audit::list(&tx, &filter, ALL).await?.total, 6_000);
        Ok(())
    })
    .await;
}
