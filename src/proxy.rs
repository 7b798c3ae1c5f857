//! The forward proxy: takes connections, finds out where they lead, tunnels or intercepts them, and carries out what
//! inspection decides. Finds nothing in a prompt itself and speaks no site's format.
//!
//! ```text
//! listener ─▶ front ─▶ connect ─┬─▶ tunnel                             every host that is no AI site
//!                │              └─▶ intercept ─▶ exchange ─┬─▶ forward ─▶ upstream
//!                └─▶ forward (cleartext)                   ├─▶ local_answer
//!                                                          └─▶ websocket
//! ```

// who and where
pub mod error;
pub mod origin;
pub mod address;
pub mod auth;
pub mod dial;
// what connections share
pub mod limits;
pub mod counters;
pub mod services;
// a client's connection
pub mod listener;
pub mod client;
pub mod framing;
pub mod pulse;
pub mod front;
pub mod connect;
pub mod tunnel;
pub mod intercept;
// a request
pub mod visit;
pub mod head;
pub mod body;
pub mod exchange;
pub mod record;
pub mod restoring;
pub mod local_answer;
pub mod websocket;
pub mod forward;
pub mod reply;
pub mod upstream;

pub use error::{Error, Side, UpstreamError};
pub use listener::serve;
pub use services::{Parts, Services};

#[cfg(test)]
mod tests;
