//! Integration tests: everything goes through the real binary and real sockets, against stand-in sites. One binary,
//! because each further one would link the whole proxy again. `tests/README.md` says what stands where.

// By path, so that its parts are found from `benches/proxy.rs` too.
#[cfg(test)]
#[path = "harness/harness.rs"]
mod harness;

#[cfg(test)]
mod stage;

// ── what Scrim leaves alone ──
#[cfg(test)]
mod tunnel;
#[cfg(test)]
mod untouched;

// ── verdicts ──
#[cfg(test)]
mod company;
#[cfg(test)]
mod encoded;
#[cfg(test)]
mod mask;
#[cfg(test)]
mod model;
#[cfg(test)]
mod policy;
#[cfg(test)]
mod refuse;
#[cfg(test)]
mod reroute;
#[cfg(test)]
mod tool_call;

// ── protocols ──
#[cfg(test)]
mod borders;
#[cfg(test)]
mod cross_protocol;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod websocket;

// ── holding up ──
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod restart;

// ── what people use ──
#[cfg(test)]
mod audit;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod curl;
#[cfg(test)]
mod own_rules;
#[cfg(test)]
mod scan;
#[cfg(test)]
mod sdk;

// ── the repository ──
#[cfg(test)]
mod layers;
#[cfg(test)]
mod repository;
