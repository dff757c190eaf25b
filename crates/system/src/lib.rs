//! The machine Memcard runs on, as ports: clock, randomness, password hashing.
