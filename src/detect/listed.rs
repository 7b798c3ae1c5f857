//! Maps of words that are compiled into the program, looked up for most words of a text. Their keys come from nobody, so
//! that a quick hash serves: texts cannot make keys collide. Holds no list itself.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// What is known of each listed word.
pub(super) type Listed<T> = HashMap<&'static str, T, BuildHasherDefault<WordHasher>>;

/// Eight bytes a step: rotated, mixed in, multiplied.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct WordHasher(u64);

/// An odd number without a pattern in its bits: 2⁶⁴ divided by the golden ratio.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

impl WordHasher {
    fn mix(&mut self, bytes: u64) {
        self.0 = (self.0.rotate_left(5) ^ bytes).wrapping_mul(FACTOR);
    }
}

impl Hasher for WordHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (whole, rest) = bytes.as_chunks::<8>();
        whole.iter().for_each(|eight| self.mix(u64::from_le_bytes(*eight)));
        if !rest.is_empty() {
            self.mix(rest.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, byte: u8) {
        self.mix(u64::from(byte));
    }

    /// The upper bits of a product are the best; the map takes from both ends.
    fn finish(&self) -> u64 {
        let product = (self.0 ^ self.0 >> 32).wrapping_mul(FACTOR);
        product ^ product >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn words_that_are_alike_fall_apart() {
        let state = BuildHasherDefault::<WordHasher>::default();
        let words = (0..4096).map(|number| format!("word{number}"));
        let slots: std::collections::HashSet<u64> = words.map(|word| state.hash_one(word) & 0xFFFF).collect();
        assert!(slots.len() > 3500, "{}", slots.len());
    }
}
