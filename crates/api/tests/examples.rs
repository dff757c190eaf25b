//! The examples in the API's description can be sent and read as they stand.
#![expect(clippy::unwrap_used, reason = "an expectation that fails is how a test fails")]

use memcard_api::{accounts, catalogue, devices, pairing, plays, sync};
use serde::de::DeserializeOwned;
use utoipa::PartialSchema;

fn read_examples<T: PartialSchema + DeserializeOwned>() -> Vec<T> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let examples = schema["examples"].as_array().cloned().unwrap_or_default();
    assert!(!examples.is_empty(), "{} has no example", std::any::type_name::<T>());
    examples.into_iter().map(|example| serde_json::from_value(example).unwrap()).collect()
}

#[test]
fn every_example_is_what_it_is_an_example_of() {
    read_examples::<accounts::NewClientToken>();
    read_examples::<accounts::NewUser>();
    read_examples::<catalogue::DeclareGame>();
    read_examples::<devices::DevicePatch>();
    read_examples::<devices::NewDevice>();
    read_examples::<pairing::PairingApproval>();
    read_examples::<pairing::PairingDenial>();
    read_examples::<pairing::PairingPoll>();
    read_examples::<pairing::PairingRequest>();
    read_examples::<plays::NewPlaySessions>();
    read_examples::<sync::Complete>();
    read_examples::<sync::Negotiate>();
    read_examples::<sync::Plan>();
}
