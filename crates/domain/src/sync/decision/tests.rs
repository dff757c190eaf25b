//! The table, row by row, and what holds over all facts.

use super::*;

const HELD: BaseFact = BaseFact::IsNotHead { bytes: Bytes::Held, deletion: Deletion::NotDeleted };
const GONE: BaseFact = BaseFact::IsNotHead { bytes: Bytes::Gone, deletion: Deletion::NotDeleted };
const DELETED: BaseFact = deleted(OlderHead::Ancestor);
const REPLACED: BaseFact = BaseFact::IsNotHead { bytes: Bytes::Held, deletion: Deletion::DeletedAndReplaced };

const fn deleted(head: OlderHead) -> BaseFact {
    BaseFact::IsNotHead { bytes: Bytes::Held, deletion: Deletion::Deleted { head } }
}

const fn version(place: Place, bytes: Bytes) -> FileFact {
    FileFact::Hashed(Match::Version { place, bytes })
}

const fn fork(state: ForkState, bytes: Bytes) -> FileFact {
    FileFact::Hashed(Match::Fork { state, bytes })
}

fn tracked(base: BaseFact, file: FileFact) -> Facts {
    Facts { tracking: Tracking::Tracked, head: HeadFact::Present, base, file }
}

/// (row, facts, action, reason, evidence): every row with each of its outcomes.
fn cases() -> Vec<(u8, Facts, Action, Reason, Evidence)> {
    use Action::{Conflict, Download, NoOp, Nothing, Upload};
    use BaseFact::{IsHead, Unknown};
    use FileChange as Change;
    use FileFact::{Hashed, NotNamed, Unhashed};

    let named = Hashed(Match::Nothing);
    let untracked = |file| Facts { tracking: Tracking::Untracked, ..tracked(IsHead, file) };
    let empty = |file| Facts { head: HeadFact::Empty, ..tracked(Unknown, file) };
    let none = Evidence::None;
    vec![
        (1, untracked(named), NoOp, Reason::Untracked, none),
        (1, untracked(NotNamed), Nothing, Reason::Untracked, none),
        (2, empty(named), Upload, Reason::EmptySlot, none),
        (2, empty(Unhashed(Change::Unknown)), Upload, Reason::EmptySlot, none),
        (3, tracked(Unknown, Unhashed(Change::Changed)), Conflict, Reason::FirstContact, none),
        (4, tracked(IsHead, Unhashed(Change::Unchanged)), NoOp, Reason::InSync, none),
        (4, tracked(IsHead, Unhashed(Change::Changed)), Upload, Reason::ChangedHere, none),
        (4, tracked(IsHead, Unhashed(Change::Unknown)), Upload, Reason::ChangedHere, none),
        (5, tracked(HELD, Unhashed(Change::Unchanged)), Download, Reason::NewerOnServer, none),
        (5, tracked(HELD, Unhashed(Change::Changed)), Conflict, Reason::BothChanged, none),
        (5, tracked(HELD, Unhashed(Change::Unknown)), Conflict, Reason::BothChanged, none),
        (6, tracked(Unknown, Hashed(Match::Head)), NoOp, Reason::InSync, Evidence::HoldsHead),
        (6, tracked(HELD, Hashed(Match::Head)), NoOp, Reason::InSync, Evidence::HoldsHead),
        (7, tracked(HELD, Hashed(Match::Base)), Download, Reason::NewerOnServer, none),
        (7, tracked(REPLACED, Hashed(Match::Base)), Download, Reason::NewerOnServer, none),
        (7, tracked(GONE, Hashed(Match::Base)), Conflict, Reason::BytesGone, none),
        (7, tracked(DELETED, Hashed(Match::Base)), Conflict, Reason::DeletedOnServer, none),
        (
            8,
            tracked(HELD, version(Place::WithinProvisional, Bytes::Held)),
            Download,
            Reason::NewerOnServer,
            Evidence::HoldsMatch,
        ),
        (
            9,
            tracked(HELD, version(Place::Newer, Bytes::Held)),
            Download,
            Reason::NewerOnServer,
            Evidence::HoldsMatch,
        ),
        (
            10,
            tracked(IsHead, version(Place::Older, Bytes::Held)),
            Conflict,
            Reason::OlderVersion,
            Evidence::RolledBack,
        ),
        (
            10,
            tracked(IsHead, version(Place::Older, Bytes::Gone)),
            Conflict,
            Reason::OlderVersion,
            Evidence::RolledBack,
        ),
        (
            10,
            tracked(IsHead, version(Place::WithinProvisional, Bytes::Gone)),
            Conflict,
            Reason::OlderVersion,
            Evidence::RolledBack,
        ),
        (11, tracked(Unknown, version(Place::NoBase, Bytes::Held)), Download, Reason::NewerOnServer, none),
        (12, tracked(Unknown, version(Place::NoBase, Bytes::Gone)), Conflict, Reason::BytesGone, none),
        (12, tracked(HELD, version(Place::Newer, Bytes::Gone)), Conflict, Reason::BytesGone, none),
        (12, tracked(HELD, fork(ForkState::Open, Bytes::Gone)), Conflict, Reason::BytesGone, none),
        (13, tracked(IsHead, fork(ForkState::Open, Bytes::Held)), Conflict, Reason::AlreadyInInbox, none),
        (14, tracked(HELD, fork(ForkState::KeptHead, Bytes::Held)), Download, Reason::NewerOnServer, none),
        (14, tracked(IsHead, fork(ForkState::Dismissed, Bytes::Held)), Download, Reason::NewerOnServer, none),
        (15, tracked(IsHead, named), Upload, Reason::ChangedHere, none),
        (16, tracked(DELETED, named), Upload, Reason::DeletedThenChanged, none),
        (17, tracked(HELD, named), Conflict, Reason::BothChanged, none),
        (17, tracked(deleted(OlderHead::Unrelated), named), Conflict, Reason::BothChanged, none),
        (17, tracked(REPLACED, named), Conflict, Reason::BothChanged, none),
        (18, tracked(Unknown, named), Conflict, Reason::UnrelatedSaves, none),
        (19, tracked(Unknown, NotNamed), Download, Reason::MissingHere, none),
        (19, tracked(HELD, NotNamed), Download, Reason::MissingHere, none),
        (20, tracked(IsHead, NotNamed), Nothing, Reason::RemovedHere, none),
    ]
}

#[test]
fn each_row_decides_as_the_design_says() {
    for (number, facts, action, reason, evidence) in cases() {
        assert_eq!(row(&facts).number, number, "{facts:?}");
        assert_eq!(decide(&facts), Decision { action, reason, evidence }, "row {number}: {facts:?}");
    }
}

#[test]
fn the_rows_stand_in_the_design_s_order_and_each_has_a_case() {
    let numbers: Vec<u8> = TABLE.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=20).collect::<Vec<_>>());
    for row in &TABLE {
        assert!(cases().iter().any(|(number, ..)| *number == row.number), "row {} has no case", row.number);
    }
}

/// Every combination of facts, sensible or not.
fn all_facts() -> Vec<Facts> {
    let all_bytes = [Bytes::Held, Bytes::Gone];
    let forks = [
        ForkState::Open,
        ForkState::KeptHead,
        ForkState::KeptFork,
        ForkState::KeptBoth,
        ForkState::Dismissed,
    ];
    let deletions = [
        Deletion::NotDeleted,
        Deletion::Deleted { head: OlderHead::Ancestor },
        Deletion::Deleted { head: OlderHead::Unrelated },
        Deletion::DeletedAndReplaced,
    ];
    let mut bases = vec![BaseFact::Unknown, BaseFact::IsHead];
    for bytes in all_bytes {
        bases.extend(deletions.map(|deletion| BaseFact::IsNotHead { bytes, deletion }));
    }
    let mut files = vec![
        FileFact::NotNamed,
        FileFact::Hashed(Match::Head),
        FileFact::Hashed(Match::Base),
        FileFact::Hashed(Match::Nothing),
    ];
    files.extend([FileChange::Unchanged, FileChange::Changed, FileChange::Unknown].map(FileFact::Unhashed));
    for bytes in all_bytes {
        let places = [Place::NoBase, Place::WithinProvisional, Place::Older, Place::Newer];
        files.extend(places.map(|place| version(place, bytes)));
        files.extend(forks.map(|state| fork(state, bytes)));
    }
    let mut all = Vec::new();
    for tracking in [Tracking::Tracked, Tracking::Untracked] {
        for head in [HeadFact::Empty, HeadFact::Present] {
            for &base in &bases {
                all.extend(files.iter().map(|&file| Facts { tracking, head, base, file }));
            }
        }
    }
    all
}

#[test]
fn the_table_is_total_and_an_upload_is_planned_only_onto_the_base_an_empty_slot_or_a_step_back() {
    for facts in all_facts() {
        if decide(&facts).action == Action::Upload {
            let empty = facts.head == HeadFact::Empty;
            let on_base = facts.base == BaseFact::IsHead;
            let stepped_back = row(&facts).number == 16;
            assert!(empty || on_base || stepped_back, "{facts:?}");
        }
    }
}

#[test]
fn a_download_is_planned_only_over_bytes_that_are_held_or_a_file_unchanged_since() {
    for facts in all_facts() {
        if decide(&facts).action != Action::Download {
            continue;
        }
        let safe = match facts.file {
            FileFact::NotNamed => true,
            FileFact::Unhashed(change) => change == FileChange::Unchanged,
            FileFact::Hashed(Match::Version { bytes, .. } | Match::Fork { bytes, .. }) => {
                bytes == Bytes::Held
            }
            FileFact::Hashed(Match::Base) => {
                !matches!(facts.base, BaseFact::IsNotHead { bytes: Bytes::Gone, .. })
            }
            FileFact::Hashed(Match::Head | Match::Nothing) => false,
        };
        assert!(safe, "{facts:?}");
    }
}

#[test]
fn file_times_decide_nothing_where_the_hash_is_the_file_s() {
    for facts in all_facts().into_iter().filter(|facts| matches!(facts.file, FileFact::Hashed(_))) {
        assert!(!(3..=5).contains(&row(&facts).number), "{facts:?}");
    }
}
