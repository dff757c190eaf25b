//! In-memory adapters: tests, embedding, examples.
