//! Changes text: placeholders for findings on the way out, originals for placeholders on the way back.
//! Does not know sites, files or keys' whereabouts: naming keys and live names are passed in.

pub mod apply;
pub mod names;
pub mod naming;
pub mod original;
pub mod placeholder;
pub mod restore;
pub mod surroundings;
