//! Experiments, their metrics and their computations.

use crate::support::{ALL, NAMES, NOW, ODD_TEXT, SEARCHES, World, each, feature, refused};
use liftgate_model::analysis::{AnalysisMethod, AnalysisSettings, Correction};
use liftgate_model::breakdown::{Breakdown, BreakdownKind};
use liftgate_model::experiment::{Computation, ComputationKind, Experiment, ExperimentStatus, Phase};
use liftgate_model::metric::{Aggregation, Direction, ExpectedDirection, Metric};
use liftgate_model::{EnvironmentId, ExperimentId, FeatureId, MetricId, OptionId, Slice};
use liftgate_store::experiments::{self, ExperimentFilter};
use liftgate_store::{analysis_settings, breakdowns, computations, experiment_phases, features, metrics};
use serde_json::json;
use std::collections::BTreeMap;

fn experiment(world: &World, feature: FeatureId, name: &str) -> Experiment {
    Experiment {
        id: ExperimentId(0),
        environment: world.environment.id,
        feature,
        name: name.into(),
        hypothesis: ODD_TEXT.into(),
        status: ExperimentStatus::Created,
        rollout_segment: None,
        saved_allocations: vec![(OptionId(1), 33.3)],
        created_at: NOW,
        updated_at: NOW,
        started_at: None,
        ended_at: None,
    }
}

#[tokio::test]
async fn the_settings_of_an_analysis_are_replaced_as_a_whole() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let first = experiments::create(&tx, &experiment(&world, world.feature.id, "first")).await?;
        assert_eq!(analysis_settings::find(&tx, first.id).await?, None);
        let planned = AnalysisSettings {
            method: AnalysisMethod::GroupSequential,
            alpha: 0.1 + 0.2,
            planned_units: Some(i32::MAX),
            target_lift: Some(1.0 / 3.0),
            goal_correction: Correction::BenjaminiYekutieli,
            covariate: Some(false),
            upper_percentile: Some(99.9),
            ..AnalysisSettings::default()
        };
        for settings in [planned, AnalysisSettings::default()] {
            analysis_settings::put(&tx, first.id, &settings).await?;
            assert_eq!(analysis_settings::find(&tx, first.id).await?, Some(settings));
        }
        assert_eq!(analysis_settings::find(&tx, ExperimentId(99)).await?, None);
        tx.commit().await
    })
    .await;
}

#[tokio::test]
async fn breakdowns_and_dimensions_are_replaced_as_a_whole() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let first = experiments::create(&tx, &experiment(&world, world.feature.id, "first")).await?;
        for kind in BreakdownKind::ALL.iter().copied() {
            assert_eq!(breakdowns::find(&tx, first.id, kind).await?, None);
            for seconds in [0, 60] {
                let breakdown = Breakdown {
                    kind,
                    as_of: NOW.plus_seconds(seconds),
                    payload: json!({"of": [kind.as_str(), seconds, 0.1, null]}),
                };
                breakdowns::put(&tx, first.id, &breakdown).await?;
                assert_eq!(breakdowns::find(&tx, first.id, kind).await?, Some(breakdown));
            }
        }
        let none: [String; 0] = [];
        assert_eq!(breakdowns::dimensions(&tx, first.id).await?, none);
        for names in [vec!["plan".to_owned(), ODD_TEXT.to_owned()], Vec::new()] {
            breakdowns::put_dimensions(&tx, first.id, &names).await?;
            assert_eq!(breakdowns::dimensions(&tx, first.id).await?, names);
        }
        let other = ExperimentId(99);
        assert_eq!(breakdowns::find(&tx, other, BreakdownKind::Series).await?, None);
        assert_eq!(breakdowns::dimensions(&tx, other).await?, none);
        tx.commit().await
    })
    .await;
}

#[tokio::test]
async fn phases_come_oldest_first_and_only_started_experiments_are_open() {
    each(async |store| {
        let world = World::create(store).await?;
        let on = world.environment.id;
        let tx = store.begin().await?;
        let mut first = experiments::create(&tx, &experiment(&world, world.feature.id, "first")).await?;
        assert!(
            experiments::list_open(&tx, &[on]).await?.is_empty(),
            "not started"
        );
        first.started_at = Some(NOW);
        experiments::update(&tx, &first).await?;
        let open = experiments::list_open(&tx, &[on, EnvironmentId(99)]).await?;
        assert_eq!(open.iter().map(|open| open.id).collect::<Vec<_>>(), [first.id]);
        assert!(experiments::list_open(&tx, &[]).await?.is_empty());

        assert!(experiment_phases::list(&tx, first.id).await?.is_empty());
        let shares = BTreeMap::from([("ka".to_owned(), 33.3), (ODD_TEXT.to_owned(), 0.1 + 0.2)]);
        let unnamed = Phase {
            started_at: NOW.plus_seconds(60),
            allocations: None,
        };
        let even = Phase {
            started_at: NOW,
            allocations: Some(shares),
        };
        for phase in [&unnamed, &even] {
            experiment_phases::create(&tx, first.id, phase).await?;
        }
        assert_eq!(experiment_phases::list(&tx, first.id).await?, [even, unnamed]);
        assert!(experiment_phases::list(&tx, ExperimentId(99)).await?.is_empty());

        first.ended_at = Some(NOW);
        experiments::update(&tx, &first).await?;
        assert!(experiments::list_open(&tx, &[on]).await?.is_empty(), "over");
        tx.commit().await
    })
    .await;
}

#[tokio::test]
async fn a_feature_has_one_unfinished_experiment() {
    each(async |store| {
        let world = World::create(store).await?;
        let (environment, on) = (world.environment.id, world.feature.id);
        let tx = store.begin().await?;
        let mut first = experiments::create(&tx, &experiment(&world, on, "first")).await?;
        tx.commit().await?;
        let next = experiment(&world, on, "next");
        let rule = ["experiments", "environment_id", "feature_id"];
        refused(store, &rule, async |tx| experiments::create(tx, &next).await).await;
        let tx = store.begin().await?;
        first.status = ExperimentStatus::Completed;
        first.started_at = Some(NOW);
        first.ended_at = Some(NOW.plus_seconds(1));
        experiments::update(&tx, &first).await?;
        let found = experiments::find(&tx, environment, first.id)
            .await?
            .expect("it is there");
        assert_eq!(
            (found.hypothesis.as_str(), found.saved_allocations),
            (ODD_TEXT, vec![(OptionId(1), 33.3)])
        );
        assert_eq!(
            (found.status, found.started_at, found.ended_at),
            (first.status, first.started_at, first.ended_at)
        );
        let next = experiments::create(&tx, &next).await?;
        let ids = |list: Vec<Experiment>| list.into_iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(
            ids(experiments::list_all(&tx, environment).await?),
            [first.id, next.id]
        );
        assert_eq!(
            ids(experiments::list_of_feature(&tx, on).await?),
            [first.id, next.id]
        );
        assert_eq!(ids(experiments::list_started(&tx).await?), [first.id]);
        assert_eq!(
            ids(experiments::list_by_ids(&tx, &[next.id, first.id]).await?),
            [first.id, next.id]
        );
        experiments::delete(&tx, next.id, NOW).await?;
        assert!(
            experiments::find_for_update(&tx, environment, next.id)
                .await?
                .is_none()
        );
        assert!(
            experiments::find_for_update(&tx, EnvironmentId(99), first.id)
                .await?
                .is_none()
        );
        experiments::create(&tx, &experiment(&world, on, "again"))
            .await
            .map(|_| ())
    })
    .await;
}

#[tokio::test]
async fn experiments_are_searched_by_their_name_and_the_feature_s() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let tx = store.begin().await?;
        let mut last = None;
        for name in NAMES {
            let on = features::create(&tx, &feature(world.project.id, name)).await?;
            let stored = experiments::create(&tx, &experiment(&world, on.id, "trial")).await?;
            last = Some(stored.id);
        }
        let named = experiments::create(&tx, &experiment(&world, world.feature.id, "0%_É")).await?;
        for (text, names) in SEARCHES.into_iter().filter(|(text, _)| *text != "0%") {
            let filter = ExperimentFilter {
                name_contains: Some(text),
                ..Default::default()
            };
            let page = experiments::list(&tx, environment, filter, ALL).await?;
            assert_eq!(page.total, names.len() as u64, "{text}");
            let counts = experiments::count_by_status(&tx, environment, Some(text)).await?;
            assert_eq!(counts.values().sum::<u64>(), page.total);
        }
        let filter = ExperimentFilter {
            name_contains: Some("0%"),
            statuses: &[ExperimentStatus::Created],
        };
        let page = experiments::list(&tx, environment, filter, ALL).await?;
        assert_eq!((page.total, page.items[0].id), (2, named.id), "newest first");
        let filter = ExperimentFilter {
            name_contains: Some("_é"),
            ..Default::default()
        };
        assert_eq!(experiments::list(&tx, environment, filter, ALL).await?.total, 1);
        let filter = ExperimentFilter {
            statuses: &[ExperimentStatus::Paused],
            ..Default::default()
        };
        assert_eq!(experiments::list(&tx, environment, filter, ALL).await?.total, 0);
        let second = Slice { offset: 1, limit: 1 };
        let page = experiments::list(&tx, environment, ExperimentFilter::default(), second).await?;
        assert_eq!(page.items.first().map(|one| one.id), last);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_metric_is_attached_once() {
    each(async |store| {
        let world = World::create(store).await?;
        let environment = world.environment.id;
        let metric = |name: &str| Metric {
            id: MetricId(0),
            environment,
            name: name.into(),
            description: ODD_TEXT.into(),
            aggregation: Aggregation::Mean,
            direction: Direction::Down,
            definition: serde_json::json!({"event": "buy"}),
            created_at: NOW,
            updated_at: NOW,
        };
        let tx = store.begin().await?;
        let on = experiments::create(&tx, &experiment(&world, world.feature.id, "trial"))
            .await?
            .id;
        let mut stored = Vec::new();
        for name in NAMES {
            stored.push(metrics::create(&tx, &metric(name)).await?);
        }
        for (text, names) in SEARCHES {
            let page = metrics::list(&tx, environment, Some(text), ALL).await?;
            assert!(
                page.items
                    .iter()
                    .map(|one| one.name.as_str())
                    .eq(names.iter().copied()),
                "{text}"
            );
        }
        let (first, second) = (stored[0].id, stored[1].id);
        stored[0].definition = serde_json::json!({"event": ODD_TEXT});
        metrics::update(&tx, &stored[0]).await?;
        let a = metrics::attach(&tx, on, first, ExpectedDirection::Increase, NOW).await?;
        let b = metrics::attach(&tx, on, second, ExpectedDirection::Decrease, NOW).await?;
        metrics::update_attachment(&tx, a, first, ExpectedDirection::NotDecrease).await?;
        let attached = metrics::list_attached(&tx, &[on, ExperimentId(99)])
            .await?
            .remove(&on)
            .expect("it has some");
        assert_eq!(attached.iter().map(|one| one.id).collect::<Vec<_>>(), [a, b]);
        assert_eq!(
            (attached[0].expected_direction, attached[0].metric.event()),
            (ExpectedDirection::NotDecrease, ODD_TEXT)
        );
        tx.commit().await?;
        let rule = ["experiment_metrics", "experiment_id", "metric_id"];
        let expected = ExpectedDirection::Increase;
        refused(store, &rule, async |tx| {
            metrics::attach(tx, on, first, expected, NOW).await
        })
        .await;
        refused(store, &rule, async |tx| {
            metrics::update_attachment(tx, b, first, expected).await
        })
        .await;
        let tx = store.begin().await?;
        assert_eq!(
            metrics::list_users(&tx, &[first, MetricId(99)]).await?,
            [(first, on)]
        );
        assert_eq!(metrics::find_environment(&tx, second).await?, Some(environment));
        metrics::delete(&tx, second, NOW).await?;
        assert_eq!(metrics::find_environment(&tx, second).await?, None);
        assert!(metrics::find(&tx, environment, second).await?.is_none());
        assert_eq!(
            metrics::list_attached(&tx, &[on]).await?[&on].len(),
            1,
            "deleted ones are left out"
        );
        metrics::detach(&tx, a).await?;
        assert!(metrics::list_attached(&tx, &[on]).await?.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_computation_has_one_state_and_many_runs() {
    each(async |store| {
        let world = World::create(store).await?;
        let tx = store.begin().await?;
        let on = experiments::create(&tx, &experiment(&world, world.feature.id, "trial"))
            .await?
            .id;
        let kind = ComputationKind::Results;
        assert!(computations::find(&tx, on, kind).await?.is_none());
        let mut state = Computation {
            experiment: on,
            kind,
            as_of: None,
            last_error_at: None,
            refresh_requested_at: Some(NOW),
            payload: None,
        };
        computations::put(&tx, &state).await?;
        state.as_of = Some(NOW);
        state.payload = Some(serde_json::json!({"lift": 0.1, "text": ODD_TEXT}));
        computations::put(&tx, &state).await?;
        let found = computations::find_for_update(&tx, on, kind)
            .await?
            .expect("it is there");
        assert_eq!((found.as_of, &found.payload), (Some(NOW), &state.payload));
        assert!(
            computations::find(&tx, on, ComputationKind::Exposures)
                .await?
                .is_none()
        );
        assert_eq!(computations::list(&tx, &[on, ExperimentId(99)]).await?.len(), 1);
        for second in 0..3 {
            let run = computations::Run {
                experiment: on,
                kind,
                started_at: NOW.plus_seconds(second),
                finished_at: NOW,
                error: None,
                payload: None,
            };
            computations::create_run(&tx, &run).await?;
        }
        let page = computations::list_runs(&tx, on, kind, Slice { offset: 1, limit: 1 }).await?;
        assert_eq!((page.total, page.items[0].started_at), (3, NOW.plus_seconds(1)));
        Ok(())
    })
    .await;
}
