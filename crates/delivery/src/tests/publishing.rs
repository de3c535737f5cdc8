//! What is served, to which key, and who hears of it.

use liftgate_model::{EnvironmentId, Timestamp};

use super::Plane;
use crate::testing::{CLIENT_KEY, MADE_AT, SERVER_KEY, environment};
use crate::{EnvironmentData, EnvironmentSnapshot, KeyDigest, KeyKind, KeyRate, KeyRefusal, SnapshotOptions};

fn publish(plane: &Plane, data: EnvironmentData) {
    plane
        .delivery
        .publish(EnvironmentSnapshot::build(data, &SnapshotOptions::default()));
}

fn kind(plane: &Plane, key: &str, now: Timestamp) -> Result<KeyKind, KeyRefusal> {
    plane.delivery.find(Some(key), now).map(|(_, kind)| kind)
}

#[test]
fn keys_open_what_they_are_made_for() {
    let plane = Plane::new(environment());
    assert_eq!(kind(&plane, CLIENT_KEY, MADE_AT), Ok(KeyKind::Client));
    assert_eq!(kind(&plane, SERVER_KEY, MADE_AT), Ok(KeyKind::Server));
    assert_eq!(kind(&plane, "client_key", MADE_AT), Err(KeyRefusal::Unknown));
    for none in [None, Some("")] {
        assert_eq!(
            plane.delivery.find(none, MADE_AT).unwrap_err(),
            KeyRefusal::Missing
        );
    }
}

#[test]
fn inactive_and_expired_keys_are_refused_at_once() {
    let plane = Plane::new(environment());
    let mut data = environment();
    data.keys[0].expires_at = Some(MADE_AT.plus_seconds(10));
    publish(&plane, data.clone());
    assert_eq!(
        kind(&plane, SERVER_KEY, MADE_AT.plus_seconds(9)),
        Ok(KeyKind::Server)
    );
    assert_eq!(
        kind(&plane, SERVER_KEY, MADE_AT.plus_seconds(10)),
        Err(KeyRefusal::Expired)
    );
    data.keys[0].is_active = false;
    publish(&plane, data.clone());
    assert_eq!(kind(&plane, SERVER_KEY, MADE_AT), Err(KeyRefusal::Inactive));
    data.keys[0].digest = KeyDigest::of("ser.NEW");
    data.keys[0].is_active = true;
    publish(&plane, data);
    assert_eq!(kind(&plane, SERVER_KEY, MADE_AT), Err(KeyRefusal::Unknown));
    assert_eq!(kind(&plane, "ser.NEW", MADE_AT), Ok(KeyKind::Server));
}

#[test]
fn a_stopped_organisation_is_told_only_to_good_keys() {
    let plane = Plane::new(environment());
    let mut data = environment();
    data.organisation.stop_serving_flags = true;
    publish(&plane, data);
    assert_eq!(
        kind(&plane, CLIENT_KEY, MADE_AT),
        Err(KeyRefusal::OrganisationStopped)
    );
    assert_eq!(kind(&plane, "nobody", MADE_AT), Err(KeyRefusal::Unknown));
}

#[test]
fn an_earlier_revision_never_replaces_a_later_one() {
    let plane = Plane::new(environment());
    let id = EnvironmentId(1);
    for (revision, served) in [(5, 5), (4, 5), (5, 5), (6, 6)] {
        let mut data = environment();
        data.environment.revision = revision;
        data.environment.name = format!("revision {revision}");
        publish(&plane, data);
        assert_eq!(plane.delivery.stamps()[&id].revision, served);
    }
}

#[tokio::test]
async fn subscribers_hear_of_news_after_they_are_served() {
    let plane = Plane::new(environment());
    let id = EnvironmentId(1);
    let mut updates = plane.delivery.subscribe(id).unwrap();
    assert_eq!(*updates.borrow_and_update(), MADE_AT);
    publish(&plane, environment());
    assert!(!updates.has_changed().unwrap(), "nothing is new");
    for seconds in [1, 2] {
        let mut data = environment();
        data.environment.revision += seconds;
        data.environment.updated_at = MADE_AT.plus_seconds(seconds);
        publish(&plane, data);
    }
    updates.changed().await.unwrap();
    let told = *updates.borrow_and_update();
    assert_eq!(told, MADE_AT.plus_seconds(2));
    assert_eq!(plane.delivery.snapshot(id).unwrap().updated_at(), told);
    plane.delivery.remove(id);
    assert!(updates.changed().await.is_err());
}

#[test]
fn a_removed_environment_is_gone_and_others_stay() {
    let plane = Plane::new(environment());
    let mut other = environment();
    other.environment.id = EnvironmentId(2);
    other.environment.api_key = "OTHER".to_owned();
    other.keys.clear();
    publish(&plane, other);
    plane.delivery.remove(EnvironmentId(1));
    assert_eq!(kind(&plane, CLIENT_KEY, MADE_AT), Err(KeyRefusal::Unknown));
    assert_eq!(kind(&plane, SERVER_KEY, MADE_AT), Err(KeyRefusal::Unknown));
    assert_eq!(kind(&plane, "OTHER", MADE_AT), Ok(KeyKind::Client));
    plane.delivery.remove(EnvironmentId(1));
    assert!(plane.delivery.subscribe(EnvironmentId(1)).is_none());
}

#[test]
fn a_key_that_is_used_too_often_waits_also_across_changes() {
    let rate = KeyRate {
        per_second: 2.try_into().unwrap(),
        burst: 3.try_into().unwrap(),
    };
    let Plane { delivery, .. } = Plane::new(environment());
    let delivery = delivery.with_key_rate(Some(rate));
    let uses = |key: &str, times: u32| {
        let admitted = (0..times).map(|_| delivery.admit(Some(key), MADE_AT).map(|(_, kind)| kind));
        admitted.collect::<Vec<_>>()
    };
    let too_often = Err(KeyRefusal::TooOften {
        retry_after_seconds: 1,
    });
    let client = Ok(KeyKind::Client);
    assert_eq!(uses(CLIENT_KEY, 4), [client, client, client, too_often]);
    assert_eq!(uses(SERVER_KEY, 1), [Ok(KeyKind::Server)], "each key by itself");
    let mut data = environment();
    data.environment.revision = 2;
    data.keys[0].is_active = false;
    delivery.publish(EnvironmentSnapshot::build(data, &SnapshotOptions::default()));
    assert_eq!(uses(CLIENT_KEY, 1), [too_often]);
    let inactive = Err(KeyRefusal::Inactive);
    assert_eq!(uses(SERVER_KEY, 3), [inactive, inactive, too_often]);
    let unknown = Err(KeyRefusal::Unknown);
    assert_eq!(uses("one", 2), [unknown, unknown]);
    assert_eq!(uses("another", 2), [unknown, too_often], "unknown keys together");
    let later = MADE_AT.plus_seconds(1);
    assert!(delivery.admit(Some(CLIENT_KEY), later).is_ok());
    // Looking a key up is not a use of it.
    assert!((0..9).all(|_| delivery.find(Some(CLIENT_KEY), MADE_AT).is_ok()));
}
