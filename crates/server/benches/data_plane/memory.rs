//! Memory, by the growth of the server: of an environment that is served, and of an identity that is remembered.

use super::load::Load;
use super::process::Process;
use super::say;
use super::world::World;

/// Environments that are made.
const ENVIRONMENTS: u32 = 20;

/// Makes environments of the project and tells what each costs.
pub async fn of_environments(server: &Process, world: &World) {
    let before = server.resident_mib();
    for number in 0..ENVIRONMENTS {
        world.clone_environment(&format!("Copy {number}")).await;
    }
    let each = (server.resident_mib() - before) / f64::from(ENVIRONMENTS);
    say(&format!(
        "an environment of 50 flags and 20 segments: {each:.2} MiB, by the growth of {ENVIRONMENTS}"
    ));
}

/// Has identities stored, each once, and tells what each costs.
pub fn of_identities(server: &Process, world: &World, load: &Load) {
    let before = server.resident_mib();
    let identities = load.requests(server, &world.newcomers());
    let each = (server.resident_mib() - before) * 1024.0 / identities;
    say(&format!(
        "an identity of 10 traits: {each:.2} KiB, by the growth of {identities:.0} (what storing them needs included)"
    ));
}
