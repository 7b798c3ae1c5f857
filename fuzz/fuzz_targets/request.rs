//! See `scrim::fuzzing::request`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::request(bytes));
