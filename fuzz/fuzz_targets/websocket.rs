//! See `scrim::fuzzing::websocket`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scrim::fuzzing::websocket(bytes));
