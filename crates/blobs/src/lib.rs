//! Save bytes under their SHA-256 in a local folder.
