//! Projects, their tags and the audit log.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, project, refused, uuid};
use liftgate_model::audit::{AuditRecord, ChangeType, RelatedObject};
use liftgate_model::project::Tag;
use liftgate_model::{AuditId, ProjectId, Slice, TagId};
use liftgate_store::{audit, projects, tags};

#[tokio::test]
async fn a_project_has_its_name_alone_until_it_is_deleted() {
    each(async |store| {
        let world = World::create(store).await?;
        let organisation = world.organisation.id;
        let tx = store.begin().await?;
        let mut other = projects::create(&tx, &project(organisation, ODD_TEXT)).await?;
        let long = projects::create(&tx, &project(organisation, &"ü".repeat(50_000))).await?;
        assert_eq!(
            projects::find(&tx, long.id).await?.map(|one| one.name),
            Some(long.name)
        );
        tx.commit().await?;
        let rule = ["projects", "organisation_id", "name_key"];
        let twin = project(organisation, "Shop");
        refused(store, &rule, async |tx| projects::create(tx, &twin).await).await;
        other.name = "Shop".into();
        refused(store, &rule, async |tx| projects::update(tx, &other).await).await;
        let tx = store.begin().await?;
        projects::delete(&tx, world.project.id, NOW).await?;
        projects::update(&tx, &other).await?;
        assert!(projects::find(&tx, world.project.id).await?.is_none());
        assert!(projects::find_by_uuid(&tx, world.project.uuid).await?.is_none());
        let found = projects::find_by_uuid(&tx, other.uuid)
            .await?
            .expect("it is there");
        assert_eq!((found.name.as_str(), found.created_at), ("Shop", NOW));
        let listed = projects::list(&tx, &[organisation]).await?;
        assert_eq!(
            listed.iter().map(|one| one.id).collect::<Vec<_>>(),
            [other.id, long.id]
        );
        assert!(projects::list(&tx, &[]).await?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn tags_belong_to_one_project() {
    each(async |store| {
        let world = World::create(store).await?;
        let project = world.project.id;
        let tx = store.begin().await?;
        let mut stored = Vec::new();
        for label in ["a", "b", "c"] {
            let tag = Tag {
                id: TagId(0),
                uuid: uuid(),
                project,
                label: label.into(),
                color: "#123456".into(),
                description: None,
                is_permanent: label == "b",
            };
            stored.push(tags::create(&tx, &tag).await?);
        }
        let ids: Vec<TagId> = stored.iter().map(|tag| tag.id).collect();
        stored[0].label = ODD_TEXT.into();
        tags::update(&tx, &stored[0]).await?;
        assert_eq!(
            tags::find(&tx, project, ids[0])
                .await?
                .map(|tag| tag.label)
                .as_deref(),
            Some(ODD_TEXT)
        );
        assert!(tags::find(&tx, ProjectId(99), ids[0]).await?.is_none());
        assert!(tags::find_by_uuid(&tx, stored[2].uuid).await?.is_some());
        let page = tags::list(&tx, project, Slice { offset: 1, limit: 1 }).await?;
        assert_eq!((page.total, page.items[0].id), (3, ids[1]));
        assert_eq!(
            tags::list_by_ids(&tx, project, &[ids[2], ids[0]]).await?[0].id,
            ids[0]
        );
        assert!(tags::list_by_ids(&tx, ProjectId(99), &ids).await?.is_empty());
        assert_eq!(tags::list_projects(&tx, &[ids[0], TagId(99)]).await?.len(), 1);
        assert_eq!(tags::list_permanent(&tx, project).await?, [ids[1]]);
        tags::delete(&tx, ids[1]).await?;
        assert!(tags::list_permanent(&tx, project).await?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn audit_records_come_newest_first() {
    each(async |store| {
        let world = World::create(store).await?;
        let project = world.project.id;
        let record = |log: &str, index: usize| AuditRecord {
            id: AuditId(0),
            created_at: NOW.plus_seconds(i64::try_from(index / 2).unwrap_or_default()),
            log: log.to_owned(),
            author: Some(world.user.id),
            master_key: None,
            environment: (index == 0).then_some(world.environment.id),
            project,
            related_object: RelatedObject::Feature,
            related_object_id: Some(1),
            related_object_uuid: None,
            change_type: ChangeType::Update,
            change_details: serde_json::json!({"name": ODD_TEXT}),
            is_system_event: index == 1,
        };
        let records: Vec<_> = NAMES
            .iter()
            .enumerate()
            .map(|(index, log)| record(log, index))
            .collect();
        let tx = store.begin().await?;
        audit::create(&tx, &records).await?;
        audit::create(&tx, &[]).await?;
        let filter = audit::AuditFilter {
            projects: vec![project],
            ..Default::default()
        };
        let all = audit::list(&tx, &filter, ALL).await?;
        let logs: Vec<&str> = all.items.iter().map(|one| one.log.as_str()).collect();
        assert!(logs.iter().rev().eq(NAMES.iter()), "{logs:?}");
        // Parts of the list make up the list.
        for (offset, log) in (0..).zip(&logs) {
            let page = audit::list(&tx, &filter, Slice { offset, limit: 1 }).await?;
            assert_eq!((page.total, page.items[0].log.as_str()), (all.total, *log));
        }
        for (text, found) in SEARCHES {
            let filter = audit::AuditFilter {
                log_contains: Some(text.into()),
                ..filter.clone()
            };
            let mut logs: Vec<_> = audit::list(&tx, &filter, ALL)
                .await?
                .items
                .into_iter()
                .map(|one| one.log)
                .collect();
            logs.reverse();
            assert_eq!(logs, found, "{text}");
        }
        let in_environment = audit::AuditFilter {
            environments: vec![world.environment.id],
            ..filter.clone()
        };
        assert_eq!(
            audit::list(&tx, &in_environment, ALL).await?.items[0].log,
            NAMES[0]
        );
        let by_system = audit::AuditFilter {
            is_system_event: Some(true),
            ..filter
        };
        assert_eq!(audit::list(&tx, &by_system, ALL).await?.items[0].log, NAMES[1]);
        let found = audit::find(&tx, project, all.items[0].id)
            .await?
            .expect("it is there");
        assert_eq!(found.change_details["name"], ODD_TEXT);
        assert!(audit::find(&tx, ProjectId(99), found.id).await?.is_none());
        Ok(())
    })
    .await;
}
