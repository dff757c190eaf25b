//! What holds for every endpoint (contract § 0), rule by rule.

mod answers;
mod requests;
mod walk;
