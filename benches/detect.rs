//! Speed of the detector.
fn main() {}
