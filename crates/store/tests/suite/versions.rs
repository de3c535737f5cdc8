//! Versions of features.

use crate::support::{ALL, NOW, ODD_TEXT, World, backs, each, open, uuid};
use liftgate_model::feature_state::FeatureVersion;
use liftgate_model::{EnvironmentId, Slice, Timestamp};
use liftgate_store::feature_states::StateFilter;
use liftgate_store::{environments, feature_states, feature_versions};
use sea_orm::{ConnectionTrait as _, Database, DatabaseBackend, Statement};

fn version(world: &World, live_from: Option<Timestamp>) -> FeatureVersion {
    FeatureVersion {
        uuid: uuid(),
        feature: world.feature.id,
        environment: world.environment.id,
        published: live_from.is_some(),
        live_from,
        published_by: None,
        created_by: Some(world.user.id),
        description: None,
        created_at: live_from.unwrap_or(NOW),
        updated_at: NOW,
    }
}

#[tokio::test]
async fn the_version_in_force_is_the_last_published() {
    each(async |store| {
        let world = World::create(store).await?;
        let (environment, feature) = (world.environment.id, world.feature.id);
        let at = |second| NOW.plus_seconds(second);
        let [old, twin, later] = [0, 0, 10].map(|second| version(&world, Some(at(second))));
        let mut draft = version(&world, None);
        let tx = store.begin().await?;
        for one in [&old, &twin, &later, &draft] {
            feature_versions::create(&tx, one).await?;
        }
        for (now, live) in [
            (-1, None),
            (0, Some(twin.uuid)),
            (9, Some(twin.uuid)),
            (10, Some(later.uuid)),
        ] {
            let found = feature_versions::find_live(&tx, environment, feature, at(now)).await?;
            assert_eq!(found.map(|one| one.uuid), live, "of several the one made last");
            let all = feature_states::list_live_versions(&tx, environment, at(now)).await?;
            assert_eq!(all.get(&feature).copied(), live);
        }
        let listed = feature_versions::list(&tx, environment, feature, None, ALL).await?;
        let order: Vec<_> = listed.items.iter().map(|one| one.uuid).collect();
        assert_eq!(
            order,
            [draft.uuid, later.uuid, twin.uuid, old.uuid],
            "drafts before all"
        );
        let live = Some((true, at(5)));
        assert_eq!(
            feature_versions::list(&tx, environment, feature, live, ALL)
                .await?
                .total,
            2
        );
        let others = feature_versions::list(&tx, environment, feature, Some((false, at(5))), ALL).await?;
        assert_eq!(
            others.items.iter().map(|one| one.uuid).collect::<Vec<_>>(),
            [draft.uuid, later.uuid]
        );
        let second = Slice { offset: 1, limit: 1 };
        assert_eq!(
            feature_versions::list(&tx, environment, feature, None, second)
                .await?
                .items[0]
                .uuid,
            later.uuid
        );
        let before = feature_versions::find_previous(&tx, &later, at(20)).await?;
        assert_eq!(before.map(|one| one.uuid), Some(twin.uuid));
        let before = feature_versions::find_previous(&tx, &draft, at(20)).await?;
        assert_eq!(before.map(|one| one.uuid), Some(later.uuid));
        assert_eq!(
            feature_versions::find_draft(&tx, environment, feature)
                .await?
                .map(|one| one.uuid),
            Some(draft.uuid)
        );
        environments::touch(&tx, &[environment], at(0)).await?;
        assert!(feature_versions::list_due(&tx, at(9)).await?.is_empty());
        assert_eq!(feature_versions::list_due(&tx, at(10)).await?, [environment]);
        environments::touch(&tx, &[environment], at(10)).await?;
        assert!(feature_versions::list_due(&tx, at(20)).await?.is_empty());
        for (now, expected) in [
            (-1, vec![old.uuid, twin.uuid, later.uuid]),
            (9, vec![later.uuid]),
            (10, vec![]),
        ] {
            let scheduled = feature_versions::list_scheduled(&tx, environment, at(now)).await?;
            let uuids: Vec<_> = scheduled.iter().map(|one| one.uuid).collect();
            assert_eq!(uuids, expected, "in the order in which they come into force");
            let states = StateFilter::scheduled(environment, at(now));
            assert!(
                feature_states::list(&tx, &states).await?.is_empty(),
                "none has states"
            );
        }
        let last = feature_versions::last_published(&tx, &[feature], Some(environment)).await?;
        assert_eq!(last[&feature], at(10));
        assert!(
            feature_versions::last_published(&tx, &[feature], Some(EnvironmentId(99)))
                .await?
                .is_empty()
        );
        draft.published = true;
        draft.live_from = Some(at(15));
        draft.description = Some(ODD_TEXT.into());
        feature_versions::update(&tx, &draft).await?;
        let found = feature_versions::find(&tx, draft.uuid)
            .await?
            .expect("it is there");
        assert_eq!(
            (found.live_from, found.description.as_deref()),
            (Some(at(15)), Some(ODD_TEXT))
        );
        feature_versions::delete(&tx, draft.uuid).await?;
        assert_eq!(feature_versions::list_of_feature(&tx, feature).await?.len(), 3);
        feature_versions::delete_all(&tx, environment).await?;
        assert!(feature_versions::list_of_feature(&tx, feature).await?.is_empty());
        Ok(())
    })
    .await;
}

/// Many versions of one feature that are in force, before the last change of the environment.
const PAST_VERSIONS: &str = "\
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000) \
    INSERT INTO feature_versions (uuid, feature_id, environment_id, published, live_from, created_at, updated_at) \
    SELECT {uuid}, {feature}, {environment}, {true}, {now} - n, 0, 0 FROM numbers";

#[tokio::test]
async fn of_many_versions_only_those_that_came_due_are_read() {
    for back in backs().await {
        let store = open(&back).await;
        let world = World::create(&store).await.expect("a world can be made");
        let database = Database::connect(&back.url).await.expect("it opens");
        let backend = database.get_database_backend();
        let is_sqlite = backend == DatabaseBackend::Sqlite;
        let (uuid, yes) = if is_sqlite {
            ("randomblob(16)", "1")
        } else {
            ("gen_random_uuid()", "TRUE")
        };
        let fill = PAST_VERSIONS
            .replace("{uuid}", uuid)
            .replace("{true}", yes)
            .replace("{feature}", &world.feature.id.to_string())
            .replace("{environment}", &world.environment.id.to_string())
            .replace("{now}", &NOW.0.to_string());
        database
            .execute_unprepared(&fill)
            .await
            .expect("versions can be stored");
        database
            .execute_unprepared("ANALYZE")
            .await
            .expect("tables can be analysed");
        let due = backend.build(&feature_versions::due(NOW.plus_seconds(1)));
        let explain = if is_sqlite {
            "EXPLAIN QUERY PLAN"
        } else {
            "EXPLAIN (COSTS OFF)"
        };
        let statement = Statement {
            sql: format!("{explain} {}", due.sql),
            ..due
        };
        let column = if is_sqlite { 3 } else { 0 };
        let rows = database.query_all_raw(statement).await.expect("there is a plan");
        let plan: Vec<String> = rows
            .iter()
            .map(|row| row.try_get_by_index(column).expect("a line of text"))
            .collect();
        let plan = plan.join("\n");
        let read = if is_sqlite {
            "live_from>? AND live_from<?"
        } else {
            "live_from > "
        };
        assert!(
            plan.contains("feature_versions_environment_id_published_live_from") && plan.contains(read),
            "{}: {plan}",
            back.name
        );
        database.close().await.expect("it closes");
        store.close().await.expect("it closes");
    }
}
