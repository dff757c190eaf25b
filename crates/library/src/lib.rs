//! Reads a folder of games.
