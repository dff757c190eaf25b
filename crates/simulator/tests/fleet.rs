//! The seeds that every test run simulates. `cargo xtask simulate` goes further.

#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

use memcard_simulator::{Ablation, Loss, Report, Setting, simulate};

fn run(seed: u64, steps: u64, ablation: Option<Ablation>) -> Report {
    simulate(Setting { seed, steps, ablation }).unwrap()
}

#[test]
fn nothing_is_lost_whatever_devices_and_the_network_do() {
    for seed in 1..=3 {
        let report = run(seed, 2_000, None);
        assert!(report.holds(), "\n{report}");
        assert_eq!(report.idle(), Vec::<&str>::new(), "what never happens shows nothing\n{report}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run_byte_for_byte() {
    let (first, again, other) = (run(7, 800, None), run(7, 800, None), run(8, 800, None));
    assert_eq!(first, again);
    assert_eq!(first.to_string(), again.to_string());
    assert_ne!(first.transcript(), other.transcript());
}

#[test]
fn without_a_rule_a_loss_is_counted() {
    for (ablation, loss) in [(Ablation::Guard, Loss::DoubleWin), (Ablation::Conflict, Loss::SilentLocalLoss)]
    {
        let report = run(1, 1_000, Some(ablation));
        assert!(report.lost(loss) > 0, "nothing notices that {ablation:?} is missing\n{report}");
    }
}
