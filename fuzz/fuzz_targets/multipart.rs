//! See `scrim::fuzzing::multipart`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::multipart(bytes));
