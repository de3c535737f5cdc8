//! Copies on disk: what was written is served again, and nothing else is.

use std::os::unix::fs::PermissionsExt as _;

use liftgate_model::feature_state::FeatureState;
use liftgate_model::segment::Operator;
use liftgate_model::{EnvironmentId, FlagValue};

use crate::testing::{CLIENT_KEY, MADE_AT, SERVER_KEY, environment};
use crate::{
    Copies, CopyFault, EnvironmentData, EnvironmentSnapshot, KeyKind, ScheduledVersion, SnapshotOptions,
};

/// An environment with everything that a copy holds.
fn rich() -> EnvironmentData {
    let mut data = environment();
    let plain = data.add_feature("plain", true, FlagValue::Text("é \"\n\u{1F600}".into()));
    data.add_feature("nothing", false, FlagValue::Null);
    data.add_feature("switch", true, FlagValue::Boolean(true));
    let split = data.add_multivariate(
        "split",
        true,
        &[(Some("a"), "x", 100.0 / 3.0), (None, "y", 0.1 + 0.2)],
    );
    let segment = data.add_segment("half", "", Operator::PercentageSplit, "50");
    data.override_segment(split, segment, 0, true, FlagValue::Integer(-7), &[12.5, 87.5]);
    data.override_identity("alice", plain, false, FlagValue::Text("hers".into()), &[]);
    data.run_experiment(split, segment);
    data
}

fn copies() -> (tempfile::TempDir, Copies) {
    let folder = tempfile::tempdir().unwrap();
    let copies = Copies::open(folder.path().join("copies")).unwrap();
    (folder, copies)
}

#[test]
fn a_copy_serves_what_was_served_to_the_same_keys() {
    let (_folder, copies) = copies();
    let data = rich();
    copies.write(&data).unwrap();
    let id = data.environment.id;
    let read = copies.read(id).unwrap();
    assert_eq!(read.stamp(), data.stamp());
    let build = |data| EnvironmentSnapshot::build(data, &SnapshotOptions::default());
    let (before, after) = (build(data), build(read));
    for kind in [KeyKind::Client, KeyKind::Server] {
        assert_eq!(before.flags(kind).body(), after.flags(kind).body());
    }
    assert_eq!(before.document().body(), after.document().body());
    let plane = super::Plane::new(copies.read(id).unwrap());
    for (key, kind) in [(CLIENT_KEY, KeyKind::Client), (SERVER_KEY, KeyKind::Server)] {
        assert_eq!(plane.delivery.find(Some(key), MADE_AT).unwrap().1, kind);
    }
}

#[test]
fn what_is_scheduled_comes_into_force_from_a_copy() {
    let (_folder, copies) = copies();
    let mut data = rich();
    let feature = data.features[0].id;
    let version = |data: &EnvironmentData, seconds: i64, value: &str| {
        let of_feature = data.states.iter().filter(|state| state.feature == feature);
        let states = of_feature.cloned().map(|state| FeatureState {
            value: FlagValue::Text(value.into()),
            ..state
        });
        ScheduledVersion {
            live_from: MADE_AT.plus_seconds(seconds),
            feature,
            states: states.collect(),
        }
    };
    data.scheduled = [(10, "first"), (20, "second"), (30, "third")]
        .map(|(seconds, value)| version(&data, seconds, value))
        .into();
    copies.write(&data).unwrap();
    let id = data.environment.id;
    let serve = |now| {
        let mut data = copies.read(id).unwrap();
        data.put_into_force(now);
        let stamp = data.stamp();
        let plane = super::Plane::new(data);
        let flags = String::from_utf8(plane.snapshot.flags(KeyKind::Server).body().to_vec()).unwrap();
        (flags, stamp, plane.delivery.due(MADE_AT.plus_seconds(25)))
    };
    let (flags, stamp, due) = serve(MADE_AT.plus_seconds(9));
    assert!(!flags.contains("first"), "{flags}");
    assert_eq!((stamp, due), (data.stamp(), vec![(id, data.stamp())]));
    let (flags, stamp, due) = serve(MADE_AT.plus_seconds(25));
    assert!(flags.contains("second") && !flags.contains("first"), "{flags}");
    assert!(flags.contains("\"split\""), "the other features stay: {flags}");
    assert_eq!(stamp.updated_at, MADE_AT.plus_seconds(20));
    assert_eq!((stamp.revision, due), (data.stamp().revision, Vec::new()));
}

#[test]
fn only_the_owner_reads_it_and_no_server_side_key_is_in_it() {
    let (_folder, copies) = copies();
    let data = rich();
    copies.write(&data).unwrap();
    let path = copies.path(data.environment.id);
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    let text = String::from_utf8(std::fs::read(path).unwrap()).unwrap();
    assert!(text.contains(CLIENT_KEY));
    assert!(!text.contains(SERVER_KEY));
}

#[test]
fn a_later_copy_takes_the_place_of_an_earlier_one_until_it_is_removed() {
    let (_folder, copies) = copies();
    let mut data = rich();
    let id = data.environment.id;
    for revision in 1..4 {
        data.environment.revision = revision;
        copies.write(&data).unwrap();
        assert_eq!(copies.read(id).unwrap().stamp().revision, revision);
        assert_eq!(copies.list().unwrap(), [id]);
    }
    copies.remove(id).unwrap();
    copies.remove(id).unwrap();
    assert_eq!(copies.list().unwrap(), []);
    assert!(matches!(copies.read(id), Err(CopyFault::Unreadable(_))));
}

#[test]
fn what_is_not_as_it_was_written_is_refused() {
    let (_folder, copies) = copies();
    let data = environment();
    let id = data.environment.id;
    copies.write(&data).unwrap();
    let path = copies.path(id);
    let sound = std::fs::read(&path).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..sound.len()).map(|length| sound[..length].to_vec()).collect();
    damaged.extend((0..sound.len()).map(|at| {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        bytes
    }));
    damaged.push([&sound[..], b" "].concat());
    for bytes in damaged {
        std::fs::write(&path, bytes).unwrap();
        let fault = copies.read(id).unwrap_err();
        assert!(matches!(fault, CopyFault::Foreign | CopyFault::Torn), "{fault:?}");
    }
    std::fs::write(&path, &sound).unwrap();
    copies.read(id).unwrap();
}

#[test]
fn other_files_are_told_from_copies() {
    let (_folder, copies) = copies();
    let data = environment();
    copies.write(&data).unwrap();
    let directory = copies.path(data.environment.id).parent().unwrap().to_owned();
    for name in ["notes.txt", "x.copy", "01.copy", "2.copy.unfinished", ".copy"] {
        std::fs::write(directory.join(name), b"something").unwrap();
    }
    assert_eq!(copies.list().unwrap(), [data.environment.id]);
    let (other, third) = (EnvironmentId(2), EnvironmentId(3));
    std::fs::copy(copies.path(data.environment.id), copies.path(other)).unwrap();
    assert!(matches!(copies.read(other), Err(CopyFault::Misnamed(id)) if id == data.environment.id));
    std::fs::write(copies.path(third), b"liftgate environment 0 and so on\n{}").unwrap();
    assert!(matches!(copies.read(third), Err(CopyFault::Foreign)));
}
