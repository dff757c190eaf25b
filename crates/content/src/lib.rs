//! What a save file's bytes are: digest, content hash, fill.
