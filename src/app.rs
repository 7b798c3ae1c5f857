//! Builds everything from a configuration in one visible order, binds, serves, drains.
//! Does not inspect anything itself.

pub mod state;
pub mod files;
