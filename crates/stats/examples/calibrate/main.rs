//! Measures the error rates, coverage and power of the statistics and writes `docs/calibration.md`.
//!
//! `make calibrate`, which builds with optimisation: 10 000 simulated experiments per scenario, twice.

mod goals;
mod measure;
mod reference;
mod tables;

use std::error::Error;
use std::io::Write as _;
use std::path::Path;

use measure::Run;

/// Simulated experiments of each scenario.
const SIMULATIONS: u64 = 10_000;

/// The seeds under which the code was written.
const SEED: u64 = 20_260_101;

/// The seeds of the confirmation, chosen when the code was done.
const CONFIRMATION_SEED: u64 = 2_589_437_267;

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/calibration.md");
    let first = Run::new(SEED, SIMULATIONS, &mut say)?;
    let second = Run::new(CONFIRMATION_SEED, SIMULATIONS, &mut say)?;
    std::fs::write(&path, tables::page(&first, &second))?;
    say(&format!("wrote {}", path.display()));
    let missed: Vec<String> = [&first, &second].into_iter().flat_map(goals::missed).collect();
    if missed.is_empty() {
        say("every goal is met");
    } else {
        say(&format!("missed:\n{}", missed.join("\n")));
    }
    Ok(())
}

/// Tells the person at the terminal how far it is.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
