//! See `scrim::fuzzing::restore`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::restore(bytes));
