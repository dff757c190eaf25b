//! What use cases cost: each sends the database as many statements for many rows as for one. (Lists of ids are sent in
//! chunks of 1,000: beyond that many, each chunk costs one statement more.)

mod use_cases;
mod world;

use memcard_domain::ports::{StoreError, UnitOfWorkExt as _};
use memcard_store_diesel::Database;

use crate::support::{Opened, on_every_database};
use use_cases::{USE_CASES, UseCase};
use world::{Player, World};

on_every_database!(a_use_case_costs_as_many_statements_for_many_rows_as_for_one);
on_every_database!(statements_are_counted_with_those_that_begin_and_end_a_transaction);

/// Enough to tell growth from chance; that a statement takes 1,000 ids is the contract suites' to show.
const MANY: usize = 100;

async fn a_use_case_costs_as_many_statements_for_many_rows_as_for_one(opened: &Opened) {
    let one = costs(&opened.database, Player::of(&opened.database, "one", 1).await).await;
    let many = costs(&opened.database, Player::of(&opened.database, "many", MANY).await).await;
    let growing = one.into_iter().zip(many).filter(|((_, of_one), (_, of_many))| of_one != of_many);
    assert_eq!(growing.collect::<Vec<_>>(), []);
}

/// Every use case by its name with what it cost, one after the other: later ones see what earlier ones did.
async fn costs(database: &Database, world: World) -> Vec<(&'static str, u64)> {
    let mut costs = Vec::with_capacity(USE_CASES.len());
    for (name, use_case) in USE_CASES {
        costs.push((name, cost(database, world.clone(), use_case).await));
    }
    costs
}

async fn cost(database: &Database, world: World, use_case: UseCase) -> u64 {
    let before = database.statements();
    let done: Result<(), StoreError> = database
        .transact(move |tx| {
            use_case(tx, &world);
            Ok(())
        })
        .await;
    done.unwrap();
    database.statements() - before
}

async fn statements_are_counted_with_those_that_begin_and_end_a_transaction(opened: &Opened) {
    let before = opened.database.statements();
    let count: Result<u64, StoreError> = opened.database.read(|tx| tx.users().count()).await;
    assert_eq!(count.unwrap(), 0);
    assert_eq!(opened.database.statements() - before, 3);
}
