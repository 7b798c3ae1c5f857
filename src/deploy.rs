//! What other programs need in order to go through Scrim: the PAC file for browsers, the environment variables for
//! everything else. Installs nothing on the machine.

pub mod pac;
pub mod variables;
