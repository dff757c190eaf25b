//! The wire: request and response types.
