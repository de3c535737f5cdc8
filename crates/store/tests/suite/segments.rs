//! Segments.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, segment};
use liftgate_model::SegmentId;
use liftgate_model::segment::Segment;
use liftgate_store::segments::{self, SegmentFilter};

#[tokio::test]
async fn segments_are_searched_updated_and_deleted() {
    each(async |store| {
        let world = World::create(store).await?;
        let (project, beta) = (world.project.id, world.segment.clone());
        let tx = store.begin().await?;
        for name in NAMES {
            segments::create(&tx, &segment(project, name)).await?;
        }
        for (text, names) in SEARCHES {
            let filter = SegmentFilter {
                name_contains: Some(text),
                ..Default::default()
            };
            let page = segments::list(&tx, project, filter, ALL).await?;
            assert!(
                page.items
                    .iter()
                    .map(|one| one.name.as_str())
                    .eq(names.iter().copied()),
                "{text}"
            );
        }
        let system = Segment {
            is_system: true,
            ..segment(project, "system")
        };
        let system = segments::create(&tx, &system).await?;
        let bound = Segment {
            feature: Some(world.feature.id),
            ..segment(project, "bound")
        };
        let bound = segments::create(&tx, &bound).await?;
        let total = NAMES.len() as u64 + 2;
        assert_eq!(
            segments::list(&tx, project, SegmentFilter::default(), ALL)
                .await?
                .total,
            total
        );
        assert_eq!(
            segments::count(&tx, project).await?,
            total + 1,
            "system segments count"
        );
        assert_eq!(segments::list_all(&tx, project).await?.len() as u64, total + 1);
        assert!(segments::find(&tx, project, system.id).await?.is_some());
        let unbound = SegmentFilter {
            without_feature_specific: true,
            ..Default::default()
        };
        assert_eq!(segments::list(&tx, project, unbound, ALL).await?.total, total - 1);
        let only = SegmentFilter {
            only: Some(&[bound.id, SegmentId(99)]),
            ..Default::default()
        };
        assert_eq!(segments::list(&tx, project, only, ALL).await?.total, 1);
        let mut after = beta.clone();
        after.name = ODD_TEXT.into();
        after.rules.push(after.rules[0].clone());
        segments::update(&tx, &beta, &after).await?;
        let found = segments::find_by_uuid(&tx, beta.uuid)
            .await?
            .expect("it is there");
        assert_eq!(
            (found.name.as_str(), found.rules.len(), found.created_at),
            (ODD_TEXT, 2, NOW)
        );
        segments::delete(&tx, beta.id, NOW).await?;
        assert!(segments::find(&tx, project, beta.id).await?.is_none());
        assert!(segments::find_by_uuid(&tx, beta.uuid).await?.is_none());
        assert_eq!(
            segments::list_by_ids(&tx, &[bound.id, beta.id]).await?[0].id,
            bound.id
        );
        Ok(())
    })
    .await;
}
