//! Feature states, their allocations and the links of segment overrides.

use crate::support::{NOW, ODD_TEXT, World, each, uuid};
use liftgate_model::feature::MultivariateOption;
use liftgate_model::feature_state::{FeatureSegment, FeatureVersion, Line};
use liftgate_model::{
    FeatureId, FeatureSegmentId, FeatureStateId, FlagValue, IdentityId, Leftovers, OptionId, SegmentId,
};
use liftgate_store::feature_states::{self, NewState, OverrideCounts, StateFilter};
use liftgate_store::{feature_segments, feature_versions, identities, options};

fn state(world: &World, line: Line, link: Option<FeatureSegmentId>) -> NewState {
    NewState {
        uuid: uuid(),
        feature: world.feature.id,
        environment: world.environment.id,
        line,
        feature_segment: link,
        enabled: false,
        value: FlagValue::Text(ODD_TEXT.into()),
        leftovers: Leftovers::default(),
        version: None,
        salt: None,
    }
}

fn link(world: &World, priority: i32) -> FeatureSegment {
    FeatureSegment {
        id: FeatureSegmentId(0),
        uuid: uuid(),
        feature: world.feature.id,
        segment: world.segment.id,
        environment: world.environment.id,
        priority,
        version: None,
    }
}

fn version(world: &World) -> FeatureVersion {
    FeatureVersion {
        uuid: uuid(),
        feature: world.feature.id,
        environment: world.environment.id,
        published: false,
        live_from: None,
        published_by: None,
        created_by: None,
        description: None,
        created_at: NOW,
        updated_at: NOW,
    }
}

#[tokio::test]
async fn a_line_keeps_its_salt_and_a_state_its_columns() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let new = state(&world, Line::Default, None);
        let first = feature_states::create(&tx, &new, NOW).await?;
        feature_states::update(&tx, first, true, &FlagValue::Integer(7), NOW.plus_seconds(1)).await?;
        let found = feature_states::find_by_uuid(&tx, new.uuid)
            .await?
            .expect("it is there");
        assert_eq!((found.id, found.salt, found.enabled), (first, first.0, true));
        assert_eq!(
            (found.value, found.leftovers.text.as_deref()),
            (FlagValue::Integer(7), Some(ODD_TEXT))
        );
        assert_eq!((found.created_at, found.updated_at), (NOW, NOW.plus_seconds(1)));
        let beside = Leftovers {
            text: None,
            integer: Some(1),
            boolean: Some(true),
        };
        feature_states::update_leftovers(&tx, first, &FlagValue::Integer(7), &beside).await?;
        let found = feature_states::find(&tx, first).await?.expect("it is there");
        assert_eq!(
            (found.value, found.leftovers.text, found.leftovers.boolean),
            (FlagValue::Integer(7), None, Some(true))
        );
        feature_states::delete(&tx, first, NOW).await?;
        assert!(feature_states::find(&tx, first).await?.is_none());
        assert!(feature_states::find_by_uuid(&tx, new.uuid).await?.is_none());
        let second = feature_states::create(&tx, &state(&world, Line::Default, None), NOW).await?;
        let found = feature_states::find(&tx, second).await?.expect("it is there");
        assert_eq!(found.salt, first.0, "that of the first row, removed or not");
        let listed = feature_states::list_default_ids(&tx, world.feature.id).await?;
        assert_eq!(listed, [(second, world.environment.id, None)]);
        feature_states::delete_of_feature(&tx, world.feature.id, NOW).await?;
        assert!(
            feature_states::list_default_ids(&tx, world.feature.id)
                .await?
                .is_empty()
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn overrides_are_listed_counted_and_deleted_by_line() {
    each(async |store| {
        let world = World::create(store).await?;
        let (environment, on, segment) = (&world.environment, world.feature.id, world.segment.id);
        let tx = store.begin().await?;
        let who = identities::create(&tx, environment.id, "ada", NOW).await?.id;
        let strong = feature_segments::create(&tx, &link(&world, 0)).await?;
        let plain = feature_states::create(&tx, &state(&world, Line::Default, None), NOW).await?;
        let of_segment = state(&world, Line::Segment(segment), Some(strong.id));
        let of_segment = feature_states::create(&tx, &of_segment, NOW).await?;
        let of_identity = feature_states::create(&tx, &state(&world, Line::Identity(who), None), NOW).await?;
        let ids = async |filter: StateFilter<'_>| {
            let states = feature_states::list(&tx, &filter).await.expect("they are listed");
            states.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        let live = StateFilter::live(environment, NOW);
        assert_eq!(ids(live.clone()).await, [plain, of_segment]);
        assert_eq!(
            ids(StateFilter {
                defaults_only: true,
                ..live.clone()
            })
            .await,
            [plain]
        );
        assert_eq!(
            ids(StateFilter {
                segments: Some(&[segment]),
                ..live.clone()
            })
            .await,
            [of_segment]
        );
        assert_eq!(ids(live.of(&[FeatureId(99)])).await, []);
        let overrides = StateFilter::identities(environment.id);
        assert_eq!(ids(overrides.clone()).await, [of_identity]);
        assert_eq!(
            ids(StateFilter {
                identities: Some(&[IdentityId(99)]),
                ..overrides
            })
            .await,
            []
        );
        let found = feature_states::find(&tx, of_segment).await?.expect("it is there");
        assert_eq!(found.feature_segment, Some(strong));
        let counts = feature_states::count_overrides(&tx, environment, &[on], NOW).await?;
        assert_eq!(
            counts[&on],
            OverrideCounts {
                segments: 1,
                identities: 1
            }
        );
        assert_eq!(
            feature_states::list_overridden(&tx, environment.id, segment).await?,
            [on]
        );
        assert_eq!(feature_states::list_overridden_by_identity(&tx, who).await?, [on]);
        feature_states::delete_of_segment(&tx, segment, NOW).await?;
        assert!(
            feature_states::list_overridden(&tx, environment.id, segment)
                .await?
                .is_empty()
        );
        feature_states::delete_unversioned(&tx, environment.id, NOW).await?;
        assert_eq!(ids(StateFilter::live(environment, NOW)).await, []);
        assert!(
            feature_states::find(&tx, of_identity).await?.is_some(),
            "identity overrides stay"
        );
        identities::delete(&tx, who).await?;
        assert!(feature_states::find(&tx, of_identity).await?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn links_are_ordered_and_move_with_versions() {
    each(async |store| {
        let world = World::create(store).await?;
        let (environment, on) = (world.environment.id, world.feature.id);
        let tx = store.begin().await?;
        let weak = feature_segments::create(&tx, &link(&world, 5)).await?;
        let strong = feature_segments::create(&tx, &link(&world, 1)).await?;
        let ids = async |version| {
            let links = feature_segments::list(&tx, environment, on, version)
                .await
                .expect("they are listed");
            links.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(None).await, [strong.id, weak.id]);
        feature_segments::update_priority(&tx, weak.id, 0).await?;
        assert_eq!(ids(None).await, [weak.id, strong.id]);
        let draft = version(&world);
        feature_versions::create(&tx, &draft).await?;
        let moved = feature_states::create(&tx, &state(&world, Line::Default, None), NOW).await?;
        feature_states::update_version(&tx, moved, Some(draft.uuid)).await?;
        feature_segments::update_version(&tx, weak.id, Some(draft.uuid)).await?;
        assert_eq!(
            (ids(None).await, ids(Some(draft.uuid)).await),
            (vec![strong.id], vec![weak.id])
        );
        let of_version = feature_states::list(&tx, &StateFilter::version(environment, draft.uuid)).await?;
        assert_eq!(of_version.iter().map(|one| one.id).collect::<Vec<_>>(), [moved]);
        assert_eq!(
            feature_segments::list_by_ids(&tx, &[weak.id, FeatureSegmentId(99)])
                .await?
                .len(),
            1
        );
        feature_versions::delete(&tx, draft.uuid).await?;
        assert!(
            feature_segments::find(&tx, weak.id).await?.is_none(),
            "links go with their version"
        );
        assert!(
            feature_states::find(&tx, moved).await?.is_none(),
            "states go with their version"
        );
        let again = feature_segments::create(&tx, &link(&world, 2)).await?;
        feature_segments::delete(&tx, again.id).await?;
        assert!(feature_segments::find_by_uuid(&tx, again.uuid).await?.is_none());
        feature_segments::delete_of_segment(&tx, SegmentId(99)).await?;
        assert!(feature_segments::find_by_uuid(&tx, strong.uuid).await?.is_some());
        feature_segments::delete_of_segment(&tx, world.segment.id).await?;
        assert!(feature_segments::find_by_uuid(&tx, strong.uuid).await?.is_none());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn allocations_keep_their_row() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let on = feature_states::create(&tx, &state(&world, Line::Default, None), NOW).await?;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let option = MultivariateOption {
                id: OptionId(0),
                uuid: uuid(),
                feature: world.feature.id,
                key: None,
                value: FlagValue::Null,
                default_percentage_allocation: 0.0,
            };
            ids.push(options::create(&tx, &option).await?.id);
        }
        feature_states::put_allocations(&tx, on, [(uuid(), ids[1], 10.5), (uuid(), ids[0], 20.0)]).await?;
        let before = feature_states::find(&tx, on)
            .await?
            .expect("it is there")
            .allocations;
        assert_eq!(
            before.iter().map(|one| one.option).collect::<Vec<_>>(),
            [ids[1], ids[0]]
        );
        feature_states::put_allocations(&tx, on, [(uuid(), ids[1], 30.0)]).await?;
        feature_states::put_allocations(&tx, on, []).await?;
        let after = feature_states::find(&tx, on)
            .await?
            .expect("it is there")
            .allocations;
        assert_eq!(
            (after[0].id, after[0].uuid, after[0].percentage),
            (before[0].id, before[0].uuid, 30.0)
        );
        let sums = feature_states::sum_allocations(&tx, &[on, FeatureStateId(99)]).await?;
        assert_eq!((sums.len(), sums[&on]), (1, 50.0));
        feature_states::delete_allocations(&tx, on, &[ids[1]]).await?;
        options::delete(&tx, ids[0]).await?;
        assert!(feature_states::sum_allocations(&tx, &[on]).await?.is_empty());
        Ok(())
    })
    .await;
}
