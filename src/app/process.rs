//! What a process that holds keys does first: files it makes are its owner's alone, and no core dump holds its memory.

use rustix::process::{self, Resource, Rlimit};

/// Files that this process makes are its owner's alone. A command that is run inherits nothing else.
pub fn harden_files() {
    process::umask(rustix::fs::Mode::from_raw_mode(0o077));
}

/// Narrows the process. Where the system cannot, it is logged and the start goes on.
pub fn harden() {
    harden_files();
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = process::setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = process::set_dumpable_behavior(process::DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "the process could not be made undumpable");
    }
}
