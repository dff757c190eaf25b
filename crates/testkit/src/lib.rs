//! One contract suite per port, builders, a fixed clock, seeded secrets.
