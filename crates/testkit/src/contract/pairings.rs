//! Rules of [`PairingStore`].

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::account::{ScopeSet, TokenExpiry};
use memcard_domain::ids::{DeviceId, UserId};
use memcard_domain::pairing::{
    FLOW_LIFE, MAX_LIVE_FLOWS, Pacing, PairingFlow, PairingRequest, PairingState, Revision,
};
use memcard_domain::ports::{PairingStore, Swap, TakenCode};
use memcard_domain::time::Timestamp;

use super::{race, suite};
use crate::builders::{FlowBuilder, ODD_TEXT, a_flow, an_approval, at, digest_of, uuid_of};

suite! { $
    /// Hooks the rules of [`PairingStore`](memcard_domain::ports::PairingStore). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn PairingStore>>`.
    pairing_store_contract: pairings over dyn memcard_domain::ports::PairingStore {
        a_flow_is_found_by_either_code_with_every_field,
        a_code_of_one_kind_is_none_of_the_other,
        every_state_reads_back,
        every_choice_of_expiry_reads_back,
        a_code_that_is_kept_already_is_refused_and_nothing_is_kept,
        of_16_flows_with_one_user_code_one_is_kept,
        a_flow_past_its_deadline_is_found_until_another_begins,
        a_code_is_free_again_when_its_flow_is_dropped,
        beyond_200_live_flows_the_oldest_pending_one_of_the_same_address_goes,
        beyond_200_live_flows_the_oldest_pending_one_of_all_goes_for_a_new_address,
        flows_that_are_decided_do_not_go_for_new_ones,
        a_refused_flow_drives_none_out,
        of_220_flows_begun_at_once_200_are_kept,
        a_swap_replaces_state_and_revision_and_leaves_pacing,
        a_swap_from_another_revision_is_lost_and_changes_nothing,
        a_swap_of_a_flow_that_is_gone_is_lost,
        of_32_swaps_from_one_revision_one_is_done,
        pacing_is_replaced_and_leaves_state_and_revision,
        pacing_a_flow_that_is_gone_is_no_error,
        pacing_and_swapping_at_once_lose_nothing_of_each_other,
    }
}

type Pairings = Arc<dyn PairingStore>;

const PLAYER: UserId = UserId(7);

/// Begins a flow whose codes are named after it.
async fn begin(pairings: &Pairings, flow: &PairingFlow, now: Timestamp) -> Result<(), TakenCode> {
    let name = &flow.request.client_device_identifier;
    begin_with(pairings, flow, &format!("{name}'s device code"), &format!("{name}'s user code"), now).await
}

async fn begin_with(
    pairings: &Pairings,
    flow: &PairingFlow,
    device_code: &str,
    user_code: &str,
    now: Timestamp,
) -> Result<(), TakenCode> {
    let begun = pairings.begin(flow.clone(), digest_of(device_code), digest_of(user_code), now).await;
    begun.expect("the store answers")
}

async fn by_user_code(pairings: &Pairings, code: &str) -> Option<PairingFlow> {
    pairings.by_user_code(digest_of(code)).await.expect("the store answers")
}

async fn by_device_code(pairings: &Pairings, code: &str) -> Option<PairingFlow> {
    pairings.by_device_code(digest_of(code)).await.expect("the store answers")
}

/// The flow of that identifier, by both of its codes.
async fn kept(pairings: &Pairings, name: &str) -> Option<PairingFlow> {
    let by_user_code = by_user_code(pairings, &format!("{name}'s user code")).await;
    assert_eq!(by_device_code(pairings, &format!("{name}'s device code")).await, by_user_code);
    by_user_code
}

async fn swap(pairings: &Pairings, expected: Revision, next: &PairingFlow) -> Swap {
    pairings.swap(expected, next.clone()).await.expect("the store answers")
}

async fn pace(pairings: &Pairings, flow: &PairingFlow, pacing: Pacing) {
    pairings.pace(flow.id, pacing).await.expect("the store answers");
}

/// A flow that has begun.
async fn begun(pairings: &Pairings, flow: FlowBuilder) -> PairingFlow {
    let flow = flow.build();
    assert_eq!(begin(pairings, &flow, flow.created_at).await, Ok(()));
    flow
}

fn approved(flow: &PairingFlow) -> PairingFlow {
    flow.clone().approve(an_approval(PLAYER, DeviceId(uuid_of("handheld")), at(1))).expect("it is pending")
}

fn paced(seconds: i64) -> Pacing {
    Pacing { last_poll: Some(at(2) + Duration::microseconds(1)), penalty: Duration::seconds(seconds) }
}

async fn a_flow_is_found_by_either_code_with_every_field(pairings: Pairings) {
    let full = PairingRequest {
        client_device_identifier: "full".to_owned(),
        name: ODD_TEXT.to_owned(),
        client: "é".repeat(50),
        platform: Some("🎮".repeat(50)),
        client_version: Some(String::new()),
        scopes: ScopeSet::ALL,
    };
    let full = a_flow("").asking(full).from_address("2001:db8::1").by_agent(&"a".repeat(255));
    for builder in [full, a_flow("bare")] {
        let flow = begun(&pairings, builder).await;
        assert_eq!(kept(&pairings, &flow.request.client_device_identifier).await, Some(flow));
    }
    let odd = a_flow(&"é".repeat(255)).by_agent("").build();
    assert_eq!(begin_with(&pairings, &odd, "odd device", "odd user", odd.created_at).await, Ok(()));
    assert_eq!(by_user_code(&pairings, "odd user").await, Some(odd));
}

async fn a_code_of_one_kind_is_none_of_the_other(pairings: Pairings) {
    begun(&pairings, a_flow("card")).await;
    assert_eq!(by_user_code(&pairings, "card's device code").await, None);
    assert_eq!(by_device_code(&pairings, "card's user code").await, None);
    assert_eq!(kept(&pairings, "unknown").await, None);
}

async fn every_state_reads_back(pairings: Pairings) {
    let pending = begun(&pairings, a_flow("card")).await;
    let states = [
        PairingState::Pending { claimed_by: Some(PLAYER) },
        approved(&pending).state,
        PairingState::Denied { by: PLAYER, at: at(1) },
        PairingState::Redeemed { at: at(1) + Duration::microseconds(1) },
        PairingState::Pending { claimed_by: None },
    ];
    for (revision, state) in (0..).zip(states) {
        let next = PairingFlow { state, revision: Revision(revision + 1), ..pending.clone() };
        assert_eq!(swap(&pairings, Revision(revision), &next).await, Swap::Done);
        assert_eq!(kept(&pairings, "card").await, Some(next));
    }
}

async fn every_choice_of_expiry_reads_back(pairings: Pairings) {
    for expiry in TokenExpiry::ALL {
        let flow = begun(&pairings, a_flow(expiry.name())).await;
        let mut approval = an_approval(PLAYER, DeviceId(uuid_of("handheld")), at(1));
        approval.expiry = expiry;
        approval.device_name = ODD_TEXT.to_owned();
        approval.scopes = ScopeSet::ALL;
        let next = flow.clone().approve(approval).unwrap();
        assert_eq!(swap(&pairings, flow.revision, &next).await, Swap::Done);
        assert_eq!(kept(&pairings, expiry.name()).await, Some(next));
    }
}

async fn a_code_that_is_kept_already_is_refused_and_nothing_is_kept(pairings: Pairings) {
    let first = begun(&pairings, a_flow("first")).await;
    let second = a_flow("second").build();
    let begin_second =
        async |device, user| begin_with(&pairings, &second, device, user, second.created_at).await;
    assert_eq!(begin_second("first's device code", "new user").await, Err(TakenCode));
    assert_eq!(by_user_code(&pairings, "new user").await, None);
    assert_eq!(begin_second("new device", "first's user code").await, Err(TakenCode));
    assert_eq!(by_device_code(&pairings, "new device").await, None);
    assert_eq!(kept(&pairings, "first").await, Some(first));
    assert_eq!(begin_second("new device", "new user").await, Ok(()), "the flow itself is welcome");
}

async fn of_16_flows_with_one_user_code_one_is_kept(pairings: Pairings) {
    let answers = race(16, |number| {
        let pairings = Pairings::clone(&pairings);
        let flow = a_flow(&format!("card {number}")).build();
        async move {
            let device_code = format!("device {number}");
            begin_with(&pairings, &flow, &device_code, "one user code", flow.created_at).await
        }
    })
    .await;
    let winners: Vec<usize> =
        answers.iter().enumerate().filter(|(_, answer)| answer.is_ok()).map(|(number, _)| number).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    for number in 0..16 {
        let found = by_device_code(&pairings, &format!("device {number}")).await;
        assert_eq!(found.is_some(), number == winners[0], "device {number}");
    }
}

async fn a_flow_past_its_deadline_is_found_until_another_begins(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("first")).await;
    let late = flow.expires_at;
    assert_eq!(flow.created_at + FLOW_LIFE, late);
    assert_eq!(kept(&pairings, "first").await, Some(flow.clone()));

    let in_time = a_flow("second").begun(late - Duration::microseconds(1)).build();
    assert_eq!(begin(&pairings, &in_time, in_time.created_at).await, Ok(()));
    assert_eq!(kept(&pairings, "first").await, Some(flow), "its deadline has not come");

    let third = a_flow("third").begun(late).build();
    assert_eq!(begin(&pairings, &third, late).await, Ok(()));
    assert_eq!(kept(&pairings, "first").await, None);
    assert_eq!(kept(&pairings, "second").await, Some(in_time));
}

async fn a_code_is_free_again_when_its_flow_is_dropped(pairings: Pairings) {
    let first = begun(&pairings, a_flow("first")).await;
    let second = a_flow("second").begun(first.expires_at).build();
    let now = second.created_at;
    let answer = begin_with(&pairings, &second, "first's device code", "first's user code", now).await;
    assert_eq!(answer, Ok(()));
    assert_eq!(kept(&pairings, "first").await, Some(second));
}

/// Fills the store with flows 0 to 199, each begun a second after the one before, the first hundred from one address
/// and the others from another; gives the moment after the last.
async fn fill(pairings: &Pairings) -> Timestamp {
    let second = |number: usize| at(0) + Duration::seconds(i64::try_from(number).unwrap());
    for number in 0..MAX_LIVE_FLOWS {
        let address = if number < MAX_LIVE_FLOWS / 2 { "192.0.2.1" } else { "192.0.2.2" };
        begun(pairings, a_flow(&number.to_string()).from_address(address).begun(second(number))).await;
    }
    second(MAX_LIVE_FLOWS)
}

/// Which of the flows 0 to 199 are gone.
async fn gone(pairings: &Pairings) -> Vec<usize> {
    let mut gone = Vec::new();
    for number in 0..MAX_LIVE_FLOWS {
        if kept(pairings, &number.to_string()).await.is_none() {
            gone.push(number);
        }
    }
    gone
}

async fn beyond_200_live_flows_the_oldest_pending_one_of_the_same_address_goes(pairings: Pairings) {
    let now = fill(&pairings).await;
    assert_eq!(gone(&pairings).await, [0_usize; 0]);
    for name in ["one more", "and another"] {
        begun(&pairings, a_flow(name).from_address("192.0.2.2").begun(now)).await;
        assert!(kept(&pairings, name).await.is_some());
    }
    assert_eq!(gone(&pairings).await, [100, 101]);
}

async fn beyond_200_live_flows_the_oldest_pending_one_of_all_goes_for_a_new_address(pairings: Pairings) {
    let now = fill(&pairings).await;
    begun(&pairings, a_flow("one more").from_address("192.0.2.3").begun(now)).await;
    assert_eq!(gone(&pairings).await, [0]);
    assert!(kept(&pairings, "one more").await.is_some());
}

async fn flows_that_are_decided_do_not_go_for_new_ones(pairings: Pairings) {
    let now = fill(&pairings).await;
    let pending = async |name: &str| kept(&pairings, name).await.unwrap();
    let redeemed = PairingState::Redeemed { at: at(1) };
    let decided = [
        ("0", approved(&pending("0").await)),
        ("1", pending("1").await.deny(PLAYER, at(1)).unwrap()),
        ("2", PairingFlow { state: redeemed, revision: Revision(1), ..pending("2").await }),
    ];
    for (_, next) in &decided {
        assert_eq!(swap(&pairings, Revision(0), next).await, Swap::Done);
    }
    for number in 0..5 {
        begun(&pairings, a_flow(&format!("new {number}")).from_address("192.0.2.1").begun(now)).await;
    }
    for (name, flow) in decided {
        assert_eq!(kept(&pairings, name).await, Some(flow));
    }
}

async fn a_refused_flow_drives_none_out(pairings: Pairings) {
    let now = fill(&pairings).await;
    let flow = a_flow("one more").from_address("192.0.2.1").begun(now).build();
    assert_eq!(begin_with(&pairings, &flow, "new", "150's user code", now).await, Err(TakenCode));
    assert_eq!(gone(&pairings).await, [0_usize; 0]);
}

async fn of_220_flows_begun_at_once_200_are_kept(pairings: Pairings) {
    race(MAX_LIVE_FLOWS + 20, |number| {
        let pairings = Pairings::clone(&pairings);
        async move { begun(&pairings, a_flow(&format!("card {number}"))).await }
    })
    .await;
    let mut live = 0;
    for number in 0..MAX_LIVE_FLOWS + 20 {
        live += usize::from(kept(&pairings, &format!("card {number}")).await.is_some());
    }
    assert_eq!(live, MAX_LIVE_FLOWS);
}

async fn a_swap_replaces_state_and_revision_and_leaves_pacing(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("card")).await;
    begun(&pairings, a_flow("other")).await;
    pace(&pairings, &flow, paced(5)).await;
    let next = approved(&flow);
    assert_eq!(next.pacing, Pacing::NEW, "the swapper read the flow before it was paced");
    assert_eq!(swap(&pairings, flow.revision, &next).await, Swap::Done);
    assert_eq!(kept(&pairings, "card").await, Some(PairingFlow { pacing: paced(5), ..next }));
    assert_eq!(kept(&pairings, "other").await, Some(a_flow("other").build()));
}

async fn a_swap_from_another_revision_is_lost_and_changes_nothing(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("card")).await;
    let held = flow.clone().claim(PLAYER, at(1)).unwrap();
    assert_eq!(swap(&pairings, flow.revision, &held).await, Swap::Done);
    for expected in [flow.revision, Revision(2)] {
        let next = PairingFlow { revision: Revision(expected.0 + 1), ..approved(&held) };
        assert_eq!(swap(&pairings, expected, &next).await, Swap::Lost, "{expected:?}");
    }
    assert_eq!(kept(&pairings, "card").await, Some(held));
}

async fn a_swap_of_a_flow_that_is_gone_is_lost(pairings: Pairings) {
    let flow = a_flow("card").build();
    assert_eq!(swap(&pairings, flow.revision, &approved(&flow)).await, Swap::Lost);
    assert_eq!(kept(&pairings, "card").await, None);
}

async fn of_32_swaps_from_one_revision_one_is_done(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("card")).await;
    let answers = race(32, |number| {
        let pairings = Pairings::clone(&pairings);
        let by = UserId(i32::try_from(number).unwrap() + 1);
        let next = flow.clone().deny(by, at(1)).unwrap();
        async move { (swap(&pairings, Revision(0), &next).await, next) }
    })
    .await;
    let done: Vec<PairingFlow> =
        answers.into_iter().filter(|(answer, _)| *answer == Swap::Done).map(|(_, next)| next).collect();
    assert_eq!(done.len(), 1);
    assert_eq!(kept(&pairings, "card").await.as_ref(), done.first(), "what is kept is the winner's");
}

async fn pacing_is_replaced_and_leaves_state_and_revision(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("card")).await;
    begun(&pairings, a_flow("other")).await;
    let held = flow.clone().claim(PLAYER, at(1)).unwrap();
    assert_eq!(swap(&pairings, flow.revision, &held).await, Swap::Done);
    for pacing in [paced(5), paced(25), Pacing::NEW] {
        pace(&pairings, &flow, pacing).await;
        assert_eq!(kept(&pairings, "card").await, Some(PairingFlow { pacing, ..held.clone() }));
    }
    assert_eq!(kept(&pairings, "other").await, Some(a_flow("other").build()));
}

async fn pacing_a_flow_that_is_gone_is_no_error(pairings: Pairings) {
    pace(&pairings, &a_flow("card").build(), paced(5)).await;
    assert_eq!(kept(&pairings, "card").await, None);
}

async fn pacing_and_swapping_at_once_lose_nothing_of_each_other(pairings: Pairings) {
    let flow = begun(&pairings, a_flow("card")).await;
    let next = approved(&flow);
    race(17, |number| {
        let (pairings, flow, next) = (Pairings::clone(&pairings), flow.clone(), next.clone());
        async move {
            if number == 8 {
                assert_eq!(swap(&pairings, Revision(0), &next).await, Swap::Done);
            } else {
                pace(&pairings, &flow, paced(5)).await;
            }
        }
    })
    .await;
    assert_eq!(kept(&pairings, "card").await, Some(PairingFlow { pacing: paced(5), ..next }));
}
