//! What a process that holds keys does first: files it makes are its owner's alone, and no core dump holds its memory.

use rustix::process::{self, Resource, Rlimit};

/// What a process allows others in the files it makes.
#[derive(Debug, Clone, Copy)]
pub struct Mask(rustix::fs::Mode);

/// From here on, files that this process makes are its owner's alone. Returns what applied before.
pub fn own_new_files() -> Mask {
    Mask(process::umask(rustix::fs::Mode::from_raw_mode(0o077)))
}

/// Puts back what applied before.
pub fn restore(before: Mask) {
    process::umask(before.0);
}

/// Narrows the process. Where the system cannot, it is logged and the start goes on.
pub fn harden() {
    own_new_files();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = process::setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the process could not be made undumpable");
    }
}
