//! See `scrim::fuzzing::detect`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::detect(bytes));
