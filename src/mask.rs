//! Changes text: placeholders for findings on the way out, originals for placeholders on the way back.
//! Does not know sites, files or keys' whereabouts: naming keys and live names are passed in.

// what stands for what
pub mod original;
pub mod placeholder;
pub mod naming;
pub mod names;
mod sweep;
// on the way out
pub mod apply;
// on the way back
pub mod restore;
pub mod surroundings;
mod tools;
// what must always hold
pub mod property;

pub use apply::{Edit, splice};
pub use names::Names;
pub use naming::ScopeKey;
pub use original::Original;
pub use placeholder::Placeholder;
pub use restore::Restorer;
