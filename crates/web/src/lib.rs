//! actix-web wiring: one module per contract section.
