//! Scrim: a TLS-intercepting forward proxy that lets people use public AI sites without giving their company's
//! secrets away. Not a general-purpose interception tool: hosts that are no AI site are tunnelled, never decrypted.
//!
//! ```text
//! client ─▶ proxy ─▶ tls ─▶ site + wire ─▶ detect ─▶ policy ─▶ mask ─▶ upstream | local model | refusal
//!                            └────────────── inspect owns this order ──────────────┘        └─▶ audit
//! ```
//!
//! The crate has two halves. **Inspection** is pure: bytes and values in, bytes and values out. **The world** waits,
//! opens, stores and listens, behind the default feature `serve`. `ARCHITECTURE.md` is the map.

#![cfg_attr(
    test,
    allow(clippy::string_slice, clippy::single_range_in_vec_init, reason = "tests cut what they wrote themselves")
)]

// ── inspection: no tokio, no clock, no disk, no network ──
pub mod rules;
pub mod wire;
pub mod detect;
pub mod policy;
pub mod site;
pub mod mask;
pub mod inspect;
pub mod fuzzing;

// ── the world ──
#[cfg(feature = "model")]
pub mod infer;
#[cfg(not(feature = "model"))]
#[path = "infer/absent.rs"]
pub mod infer;
#[cfg(feature = "serve")]
pub mod config;
#[cfg(feature = "serve")]
pub mod store;
#[cfg(feature = "serve")]
pub mod vault;
#[cfg(feature = "serve")]
pub mod company;
#[cfg(feature = "serve")]
pub mod audit;
#[cfg(feature = "serve")]
pub mod tls;
#[cfg(feature = "serve")]
pub mod local;
#[cfg(feature = "serve")]
pub mod telemetry;
#[cfg(feature = "serve")]
pub mod proxy;
#[cfg(feature = "serve")]
pub mod deploy;
#[cfg(feature = "serve")]
pub mod console;
#[cfg(feature = "serve")]
pub mod app;
#[cfg(feature = "serve")]
pub mod cli;
