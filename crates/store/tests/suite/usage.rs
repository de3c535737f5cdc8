//! Usage by day.

use crate::support::{World, each};
use liftgate_model::EnvironmentId;
use liftgate_model::usage::{Day, EvaluationCount, Labels, LabelsFilter, RequestCount, Resource};
use liftgate_store::Error;
use liftgate_store::usage::{self, RequestFilter};

fn labels(user_agent: &str) -> Labels {
    Labels {
        user_agent: user_agent.to_owned(),
        ..Labels::default()
    }
}

fn only(user_agent: &str) -> LabelsFilter {
    LabelsFilter {
        user_agent: Some(user_agent.to_owned()),
        ..LabelsFilter::default()
    }
}

#[tokio::test]
async fn requests_add_up_by_day_and_labels() {
    each(async |store| {
        let world = World::create(store).await?;
        let of = |day, resource, user_agent, count| RequestCount {
            environment: world.environment.id,
            day: Day(day),
            resource,
            labels: labels(user_agent),
            count,
        };
        for _ in 0..2 {
            let tx = store.begin().await?;
            let counts = [
                of(10, Resource::Flags, "", 3),
                of(11, Resource::Flags, "", 1 << 40),
                of(11, Resource::Flags, "js", 5),
                of(11, Resource::Identities, "js", 7),
                of(12, Resource::Traits, "", 1),
            ];
            usage::add_requests(&tx, &counts).await?;
            usage::add_requests(&tx, &[]).await?;
            tx.commit().await?;
        }
        let reader = store.reader();
        let filter = RequestFilter {
            organisation: world.organisation.id,
            project: Some(world.project.id),
            environment: Some(world.environment.id),
            after: Day(10),
            until: Day(12),
            labels: LabelsFilter::default(),
        };
        let totals = usage::list_requests(&reader, &filter).await?;
        let told: Vec<_> = totals
            .iter()
            .map(|total| {
                (
                    total.day.0,
                    total.labels.user_agent.as_str(),
                    total.resource,
                    total.count,
                )
            })
            .collect();
        let expected = [
            (11, "", Resource::Flags, 1 << 41),
            (11, "js", Resource::Flags, 10),
            (11, "js", Resource::Identities, 14),
            (12, "", Resource::Traits, 2),
        ];
        assert_eq!(told, expected);
        assert_eq!(usage::count_requests(&reader, &filter).await?, (1 << 41) + 26);
        let elsewhere = RequestFilter {
            environment: Some(EnvironmentId(99)),
            ..filter.clone()
        };
        assert_eq!(usage::count_requests(&reader, &elsewhere).await?, 0);
        let js = RequestFilter {
            labels: only("js"),
            project: None,
            environment: None,
            ..filter
        };
        assert_eq!(usage::list_requests(&reader, &js).await?.len(), 2);

        let orphan = RequestCount {
            environment: EnvironmentId(99),
            ..of(1, Resource::Flags, "", 1)
        };
        let tx = store.begin().await?;
        assert!(matches!(
            usage::add_requests(&tx, &[orphan]).await,
            Err(Error::Other(_))
        ));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn evaluations_add_up_by_day_and_labels() {
    each(async |store| {
        let world = World::create(store).await?;
        let (environment, feature) = (world.environment.id, world.feature.id);
        let of = |day, user_agent, count| EvaluationCount {
            environment,
            feature,
            day: Day(day),
            labels: labels(user_agent),
            count,
        };
        for _ in 0..2 {
            let tx = store.begin().await?;
            let counts = [of(1, "", 9), of(2, "", 1), of(2, "js", 2), of(3, "js", 4)];
            usage::add_evaluations(&tx, &counts).await?;
            tx.commit().await?;
        }
        let reader = store.reader();
        let days = (Day(1), Day(2));
        let all = LabelsFilter::default();
        assert_eq!(
            usage::list_evaluations(&reader, environment, feature, days, &all).await?,
            [of(2, "", 2), of(2, "js", 4)]
        );
        assert_eq!(
            usage::list_evaluations(&reader, environment, feature, days, &only("js")).await?,
            [of(2, "js", 4)]
        );
        Ok(())
    })
    .await;
}
