//! See `scrim::fuzzing::encoding`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::encoding(bytes));
