//! See `scrim::fuzzing::client_hello`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::client_hello(bytes));
