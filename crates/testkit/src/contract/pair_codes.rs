//! Rules of [`PairCodes`].

use std::sync::Arc;

use chrono::Duration;
use memcard_domain::account::PairCode;
use memcard_domain::ids::{TokenId, UserId};
use memcard_domain::ports::PairCodes;
use memcard_domain::time::Timestamp;

use super::{race, suite};
use crate::builders::{at, digest_of};

suite! { $
    /// Hooks the rules of [`PairCodes`](memcard_domain::ports::PairCodes). Takes an async factory of
    /// `Option<`[`Fresh`](crate::contract::Fresh)`<dyn PairCodes>>`.
    pair_codes_contract: pair_codes over dyn memcard_domain::ports::PairCodes {
        a_code_is_taken_once,
        a_code_is_good_until_it_expires_and_no_longer,
        asking_whether_a_code_is_good_does_not_take_it,
        of_32_that_take_one_code_one_gets_it,
        an_unknown_code_is_neither_good_nor_taken,
        a_token_s_newer_code_takes_the_place_of_the_older,
        tokens_have_codes_of_their_own,
        the_code_of_a_token_is_dropped,
    }
}

type Codes = Arc<dyn PairCodes>;

const A_MOMENT: Duration = Duration::microseconds(1);

fn of_token(token: i32) -> PairCode {
    PairCode { token: TokenId(token), user: UserId(token + 100) }
}

/// Keeps a code for that token until a minute after the story's beginning.
async fn put(codes: &Codes, code: &str, token: i32) {
    codes.put(digest_of(code), of_token(token), at(1)).await.expect("it is kept");
}

async fn is_live(codes: &Codes, code: &str, now: Timestamp) -> bool {
    codes.is_live(digest_of(code), now).await.expect("it can be asked")
}

async fn take(codes: &Codes, code: &str, now: Timestamp) -> Option<PairCode> {
    codes.take(digest_of(code), now).await.expect("it can be asked")
}

async fn a_code_is_taken_once(codes: Codes) {
    put(&codes, "code", 1).await;
    assert_eq!(take(&codes, "code", at(0)).await, Some(of_token(1)));
    assert_eq!(take(&codes, "code", at(0)).await, None);
    assert!(!is_live(&codes, "code", at(0)).await);
}

async fn a_code_is_good_until_it_expires_and_no_longer(codes: Codes) {
    for (code, now, is_good) in [
        ("early", at(0), true),
        ("just in time", at(1) - A_MOMENT, true),
        ("on the minute", at(1), false),
        ("late", at(2), false),
    ] {
        put(&codes, code, 1).await;
        assert_eq!(is_live(&codes, code, now).await, is_good, "{code}");
        assert_eq!(take(&codes, code, now).await, is_good.then_some(of_token(1)), "{code}");
    }
}

async fn asking_whether_a_code_is_good_does_not_take_it(codes: Codes) {
    put(&codes, "code", 1).await;
    assert!(is_live(&codes, "code", at(0)).await && is_live(&codes, "code", at(0)).await);
    assert_eq!(take(&codes, "code", at(0)).await, Some(of_token(1)));
}

async fn of_32_that_take_one_code_one_gets_it(codes: Codes) {
    put(&codes, "code", 1).await;
    let answers = race(32, |_| {
        let codes = Codes::clone(&codes);
        async move { take(&codes, "code", at(0)).await }
    })
    .await;
    let taken: Vec<PairCode> = answers.into_iter().flatten().collect();
    assert_eq!(taken, [of_token(1)]);
}

async fn an_unknown_code_is_neither_good_nor_taken(codes: Codes) {
    put(&codes, "code", 1).await;
    assert!(!is_live(&codes, "CODE", at(0)).await);
    assert_eq!(take(&codes, "CODE", at(0)).await, None);
    assert!(is_live(&codes, "code", at(0)).await);
}

async fn a_token_s_newer_code_takes_the_place_of_the_older(codes: Codes) {
    put(&codes, "older", 1).await;
    put(&codes, "newer", 1).await;
    assert!(!is_live(&codes, "older", at(0)).await);
    assert_eq!(take(&codes, "older", at(0)).await, None);
    assert_eq!(take(&codes, "newer", at(0)).await, Some(of_token(1)));
}

async fn tokens_have_codes_of_their_own(codes: Codes) {
    put(&codes, "one", 1).await;
    put(&codes, "two", 2).await;
    assert_eq!(take(&codes, "one", at(0)).await, Some(of_token(1)));
    assert_eq!(take(&codes, "two", at(0)).await, Some(of_token(2)));
}

async fn the_code_of_a_token_is_dropped(codes: Codes) {
    put(&codes, "one", 1).await;
    put(&codes, "two", 2).await;
    codes.drop_for(TokenId(1)).await.expect("it is dropped");
    codes.drop_for(TokenId(3)).await.expect("a token without code is no error");
    assert_eq!(take(&codes, "one", at(0)).await, None);
    assert_eq!(take(&codes, "two", at(0)).await, Some(of_token(2)));
}
