//! See `scrim::fuzzing::ndjson`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::ndjson(bytes));
