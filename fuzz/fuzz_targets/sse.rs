//! See `scrim::fuzzing::sse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::sse(bytes));
