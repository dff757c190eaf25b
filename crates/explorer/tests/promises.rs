//! The bounded part of the exploration: what every test run walks through. `cargo xtask explore` goes further.

#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

use memcard_explorer::{
    Ablation, Clients, Event, Events, Finding, Limit, Promise, Report, Setting, Start, explore,
};

fn setting(clients: &str, start: Start, depth: u32) -> Setting {
    Setting::new(clients.parse().unwrap(), start, depth)
}

/// Explores, and wants every promise to hold.
fn holds(setting: &Setting) -> Report {
    let report = explore(setting).unwrap();
    assert!(report.holds(), "\n{report}");
    report
}

#[test]
fn with_any_two_clients_every_promise_holds() {
    for clients in Clients::choices(2) {
        for (start, depth) in [(Start::Empty, 6), (Start::InSync, 5)] {
            let report = holds(&Setting::new(clients.clone(), start, depth));
            let idle: Vec<_> =
                Promise::ALL.iter().filter(|promise| report.tally.of(**promise) == 0).collect();
            assert!(idle.is_empty(), "{clients} from {start} never checks {idle:?}");
        }
    }
}

#[test]
fn with_two_clients_and_late_copies_every_promise_holds_for_long() {
    for clients in ["ab", "bc", "ad"] {
        let setting = setting(clients, Start::InSync, 9);
        holds(&Setting { events: Events::NONE.with(Event::Copies), ..setting });
    }
}

#[test]
fn with_three_clients_every_promise_holds() {
    for clients in ["abc", "bcd"] {
        holds(&setting(clients, Start::Empty, 5));
    }
}

#[test]
fn a_device_that_loses_its_files_and_keeps_its_identity_is_believed() {
    let report = holds(&setting("aa", Start::InSync, 4));
    let told: Vec<_> = report.findings.iter().map(|told| (&told.finding, told.trace.join("\n"))).collect();
    let expected = "\
A(a) loses its files and keeps its identity
A(a) plays: its file is c2
A(a) negotiates with c2: Upload, ChangedHere
A(a) uploads c2: stored as version 2 (c2)";
    assert_eq!(told, [(&Finding::Limit(Limit::LostFiles), expected.to_owned())]);
}

#[test]
fn without_a_rule_a_promise_is_broken() {
    for (ablation, clients, start, depth) in [
        (Ablation::Guard, "aa", Start::InSync, 8),
        (Ablation::Provisional, "ab", Start::InSync, 8),
        (Ablation::AdoptedHashes, "ac", Start::InSync, 8),
    ] {
        let setting = Setting { ablation: Some(ablation), ..setting(clients, start, depth) };
        let report = explore(&setting).unwrap();
        assert!(!report.holds(), "nothing notices that {ablation:?} is missing\n{report}");
    }
}
