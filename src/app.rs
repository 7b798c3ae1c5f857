//! x
pub mod files;
pub mod process;
pub mod state;
pub mod listener_owner;
