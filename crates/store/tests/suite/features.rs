//! Features and their options.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, feature, refused, uuid};
use liftgate_model::account::Group;
use liftgate_model::feature::{Feature, FeatureType, MultivariateOption};
use liftgate_model::project::Tag;
use liftgate_model::{FeatureId, FlagValue, GroupId, OptionId, ProjectId, Slice, TagId};
use liftgate_store::features::{FeatureFilter, Owners, TagFilter};
use liftgate_store::{features, groups, options, tags};

#[tokio::test]
async fn names_are_unique_in_any_case_until_deleted() {
    each(async |store| {
        let world = World::create(store).await?;
        let project = world.project.id;
        let tx = store.begin().await?;
        let stored = features::create(&tx, &feature(project, "ÄÖ")).await?;
        tx.commit().await?;
        let rule = ["features", "project_id", "name_key"];
        let twin = feature(project, "äö");
        refused(store, &rule, async |tx| features::create(tx, &twin).await).await;
        let tx = store.begin().await?;
        assert_eq!(
            features::find_by_name(&tx, project, "äÖ")
                .await?
                .map(|one| one.id),
            Some(stored.id)
        );
        features::delete(&tx, stored.id, NOW).await?;
        assert!(features::find(&tx, project, stored.id).await?.is_none());
        assert!(features::find_by_id(&tx, stored.id).await?.is_none());
        assert!(features::find_by_uuid(&tx, stored.uuid).await?.is_none());
        assert!(features::find_by_name(&tx, project, "ÄÖ").await?.is_none());
        let twin = features::create(&tx, &twin).await?;
        features::lock(&tx, twin.id).await?;
        assert!(features::find_by_uuid(&tx, twin.uuid).await?.is_some());
        assert!(features::find(&tx, ProjectId(99), twin.id).await?.is_none());
        assert_eq!(features::count(&tx, project).await?, 2);
        let ids = [twin.id, stored.id, world.feature.id];
        let listed: Vec<_> = features::list_by_ids(&tx, &ids)
            .await?
            .iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(listed, [world.feature.id, twin.id]);
        let all: Vec<_> = features::list_all(&tx, project)
            .await?
            .iter()
            .map(|one| one.id)
            .collect();
        assert_eq!(all, listed);
        Ok(())
    })
    .await;
}

async fn found(c: &impl liftgate_store::Conn, project: ProjectId, filter: FeatureFilter) -> Vec<String> {
    let page = features::list(c, project, &filter, ALL).await.expect("it lists");
    page.items.into_iter().map(|one| one.name).collect()
}

#[tokio::test]
async fn searches_take_wildcards_literally_and_no_notice_of_case() {
    each(async |store| {
        let world = World::create(store).await?;
        let project = world.project.id;
        let tx = store.begin().await?;
        for name in NAMES {
            features::create(&tx, &feature(project, name)).await?;
        }
        for (text, names) in SEARCHES {
            let filter = FeatureFilter {
                name_contains: Some(text.into()),
                ..Default::default()
            };
            assert_eq!(found(&tx, project, filter).await, names, "{text}");
        }
        let alphabet: String = ('\u{a1}'..='\u{2fff}').collect();
        let filter = FeatureFilter {
            name_contains: Some(alphabet),
            ..Default::default()
        };
        assert!(found(&tx, project, filter).await.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn lists_are_filtered_ordered_and_cut() {
    each(async |store| {
        let world = World::create(store).await?;
        let project = world.project.id;
        let tx = store.begin().await?;
        let tag = |is_permanent| Tag {
            id: TagId(0),
            uuid: uuid(),
            project,
            label: "t".into(),
            color: "#1".into(),
            description: None,
            is_permanent,
        };
        let (plain, permanent) = (
            tags::create(&tx, &tag(false)).await?,
            tags::create(&tx, &tag(true)).await?,
        );
        let group = Group {
            id: GroupId(0),
            organisation: world.organisation.id,
            name: "g".into(),
            is_default: false,
            external_id: None,
        };
        let group = groups::create(&tx, &group).await?;
        let b = Feature {
            tags: vec![permanent.id, plain.id],
            owners: vec![world.user.id],
            kind: FeatureType::Multivariate,
            ..feature(project, "b")
        };
        let b = features::create(&tx, &b).await?;
        let mut a = features::create(&tx, &feature(project, "a")).await?;
        a.is_archived = true;
        a.description = Some(ODD_TEXT.into());
        a.tags = vec![plain.id];
        a.group_owners = vec![group.id];
        features::update(&tx, &a).await?;
        let stored = features::find_by_id(&tx, a.id).await?.expect("it is there");
        assert_eq!(
            (stored.description, stored.tags, stored.group_owners),
            (a.description, a.tags, a.group_owners)
        );
        let stored = features::find_by_id(&tx, b.id).await?.expect("it is there");
        assert_eq!(
            (stored.tags, stored.owners),
            (vec![plain.id, permanent.id], vec![world.user.id])
        );
        let none = FeatureFilter::default;
        let by_tag = |tags| FeatureFilter {
            tags: Some(tags),
            ..none()
        };
        let by_owner = |owners| FeatureFilter {
            owners: Some(owners),
            ..none()
        };
        let cases: [(FeatureFilter, &[&str]); 13] = [
            (none(), &["banner", "b", "a"]),
            (
                FeatureFilter {
                    descending: true,
                    ..none()
                },
                &["a", "b", "banner"],
            ),
            (
                FeatureFilter {
                    sort_by_name: true,
                    ..none()
                },
                &["a", "b", "banner"],
            ),
            (
                FeatureFilter {
                    first: vec![vec![a.id], vec![], vec![b.id]],
                    ..none()
                },
                &["a", "b", "banner"],
            ),
            (
                FeatureFilter {
                    is_archived: Some(true),
                    ..none()
                },
                &["a"],
            ),
            (
                FeatureFilter {
                    kind: Some(FeatureType::Multivariate),
                    ..none()
                },
                &["b"],
            ),
            (
                FeatureFilter {
                    only: Some(vec![a.id, FeatureId(99)]),
                    ..none()
                },
                &["a"],
            ),
            (
                FeatureFilter {
                    is_permanent: Some(false),
                    ..none()
                },
                &["banner", "a"],
            ),
            (by_tag(TagFilter::Untagged), &["banner"]),
            (by_tag(TagFilter::All(vec![plain.id, permanent.id])), &["b"]),
            (by_tag(TagFilter::Any(vec![plain.id, permanent.id])), &["b", "a"]),
            (
                by_owner(Owners {
                    users: vec![world.user.id],
                    groups: vec![group.id],
                }),
                &["b", "a"],
            ),
            (by_owner(Owners::default()), &[]),
        ];
        for (filter, names) in cases {
            assert_eq!(found(&tx, project, filter.clone()).await, names, "{filter:?}");
        }
        let page = features::list(&tx, project, &none(), Slice { offset: 2, limit: 5 }).await?;
        assert_eq!((page.total, page.items.len(), page.items[0].id), (3, 1, a.id));
        groups::delete(&tx, group.id).await?;
        let stored = features::find_by_id(&tx, a.id).await?.expect("it is there");
        assert!(
            stored.group_owners.is_empty(),
            "a group takes its ownerships along"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn options_have_a_key_of_their_own() {
    each(async |store| {
        let world = World::create(store).await?;
        let id = world.feature.id;
        let option = |key: Option<&str>, value| MultivariateOption {
            id: OptionId(0),
            uuid: uuid(),
            feature: id,
            key: key.map(str::to_owned),
            value,
            default_percentage_allocation: 33.3,
        };
        let tx = store.begin().await?;
        let mut first =
            options::create(&tx, &option(Some("a"), FlagValue::Text(ODD_TEXT.repeat(1_000)))).await?;
        let second = options::create(&tx, &option(None, FlagValue::Integer(i32::MIN))).await?;
        options::create(&tx, &option(None, FlagValue::Null)).await?;
        assert_eq!(
            options::find(&tx, id, first.id).await?.map(|one| one.value),
            Some(first.value.clone())
        );
        first.value = FlagValue::Boolean(true);
        options::update(&tx, &first).await?;
        let listed = options::list(&tx, id).await?;
        assert_eq!(
            (&listed[0].value, &listed[1].value),
            (&first.value, &second.value)
        );
        assert_eq!(options::list_of(&tx, &[id, FeatureId(99)]).await?[&id].len(), 3);
        assert!(options::find(&tx, FeatureId(99), first.id).await?.is_none());
        tx.commit().await?;
        let rule = ["multivariate_options", "feature_id", "key"];
        let twin = option(Some("a"), FlagValue::Null);
        refused(store, &rule, async |tx| options::create(tx, &twin).await).await;
        let tx = store.begin().await?;
        options::delete(&tx, first.id).await?;
        assert!(options::find_by_uuid(&tx, first.uuid).await?.is_none());
        assert!(options::find_by_uuid(&tx, second.uuid).await?.is_some());
        Ok(())
    })
    .await;
}
