//! Integration tests: everything goes through the real binary and real sockets, against stand-in sites. One binary,
//! because each further one would link the whole proxy again. `tests/README.md` says what stands where.

#[cfg(test)]
mod harness;

// ── what Scrim leaves alone ──
#[cfg(test)]
mod tunnel;
#[cfg(test)]
mod untouched;

// ── verdicts ──
#[cfg(test)]
mod mask;
#[cfg(test)]
mod encoded;
#[cfg(test)]
mod tool_call;
#[cfg(test)]
mod refuse;
#[cfg(test)]
mod reroute;
#[cfg(test)]
mod policy;

// ── protocols ──
#[cfg(test)]
mod cross_protocol;
#[cfg(test)]
mod websocket;
#[cfg(test)]
mod smuggling;
#[cfg(test)]
mod borders;

// ── holding up ──
#[cfg(test)]
mod parallel;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod bad_input;

// ── what people use ──
#[cfg(test)]
mod audit;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod curl;
#[cfg(test)]
mod sdk;
#[cfg(test)]
mod browser;

// ── the repository ──
#[cfg(test)]
mod layers;
#[cfg(test)]
mod repository;
