//! See `scrim::fuzzing::answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::answer(bytes));
