//! The key under which a company's own values are hashed, and the two hashes: HMAC-SHA256 for what is stored of a whole
//! value, SipHash-1-3 where a hash is needed for every word of a prompt. Holds no value.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// The key of one installation's index. Wiped when dropped; not shown by `Debug`.
#[derive(Clone)]
pub struct Key {
    mac: Hmac<Sha256>,
    sip: Sip,
}

impl Key {
    /// A key from its bytes.
    #[must_use]
    pub fn new(mut bytes: [u8; KEY_BYTES]) -> Self {
        // HMAC pads a short key with zeros to a block (RFC 2104); a whole block is a key that cannot be refused.
        let mut block = Zeroizing::new([0_u8; 64]);
        block.iter_mut().zip(bytes.iter()).for_each(|(to, from)| *to = *from);
        bytes.zeroize();
        let mac = <Hmac<Sha256> as KeyInit>::new((&*block).into());
        let mut derived = mac.clone().chain_update(b"scrim/company/sip/1").finalize().into_bytes();
        let (left, right) = (first_u64(&derived), first_u64(derived.get(8..).unwrap_or_default()));
        derived.as_mut_slice().zeroize();
        Self { mac, sip: Sip { left, right } }
    }

    /// Tells keys apart, and nothing about them.
    #[must_use]
    pub fn check(&self) -> u64 {
        self.sip(u64::from_le_bytes(*b"keycheck")).hash([0])
    }

    /// The fast hash for one purpose.
    pub(super) fn sip(&self, purpose: u64) -> Sip {
        let half = |part: u64| self.sip.hash([purpose, part]);
        Sip { left: half(0), right: half(1) }
    }

    /// HMAC-SHA256 of a value under a domain, to be finished by the caller.
    pub(in crate::detect) fn mac(&self, domain: &str) -> Hmac<Sha256> {
        self.mac.clone().chain_update(domain.as_bytes()).chain_update([0])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({KEY_BYTES} bytes)")
    }
}

/// The first 8 bytes as a number; missing ones are 0.
pub(super) fn first_u64(bytes: &[u8]) -> u64 {
    let mut word = [0_u8; 8];
    word.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    u64::from_le_bytes(word)
}

/// SipHash-1-3 (Aumasson and Bernstein 2012) over whole words of 8 bytes: a keyed hash that costs about 10 ns.
#[derive(Clone, Copy)]
pub(super) struct Sip {
    left: u64,
    right: u64,
}

impl fmt::Debug for Sip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sip(16 bytes)")
    }
}

impl Sip {
    /// Hash of words.
    pub(super) fn hash(&self, words: impl IntoIterator<Item = u64>) -> u64 {
        let mut state = [
            self.left ^ 0x736f_6d65_7073_6575,
            self.right ^ 0x646f_7261_6e64_6f6d,
            self.left ^ 0x6c79_6765_6e65_7261,
            self.right ^ 0x7465_6462_7974_6573,
        ];
        let mut length = 0_u64;
        for word in words {
            absorb(&mut state, word);
            length = length.wrapping_add(8);
        }
        absorb(&mut state, length << 56);
        state[2] ^= 0xff;
        for _ in 0..3 {
            round(&mut state);
        }
        state[0] ^ state[1] ^ state[2] ^ state[3]
    }

    /// Hash of letters, two a word. An odd last one stands alone.
    pub(super) fn letters(&self, letters: &[u32]) -> u64 {
        self.hash(letters.chunks(2).map(|pair| match pair {
            [first, second] => u64::from(*first) | u64::from(*second) << 32,
            [only] => u64::from(*only) | u64::from(u32::MAX) << 32,
            _ => 0,
        }))
    }
}

fn absorb(state: &mut [u64; 4], word: u64) {
    state[3] ^= word;
    round(state);
    state[0] ^= word;
}

fn round(state: &mut [u64; 4]) {
    let [mut a, mut b, mut c, mut d] = *state;
    a = a.wrapping_add(b);
    b = b.rotate_left(13) ^ a;
    a = a.rotate_left(32);
    c = c.wrapping_add(d);
    d = d.rotate_left(16) ^ c;
    a = a.wrapping_add(d);
    d = d.rotate_left(21) ^ a;
    c = c.wrapping_add(b);
    b = b.rotate_left(17) ^ c;
    c = c.rotate_left(32);
    *state = [a, b, c, d];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siphash_is_the_one_of_the_standard_library() {
        use std::hash::Hasher;
        // `DefaultHasher` is SipHash-1-3 under the zero key.
        let sip = Sip { left: 0, right: 0 };
        for words in [vec![], vec![1_u64], vec![7, 8, 9], vec![u64::MAX; 20]] {
            let mut standard = std::hash::DefaultHasher::new();
            words.iter().for_each(|word| standard.write(&word.to_le_bytes()));
            assert_eq!(sip.hash(words.iter().copied()), standard.finish(), "{words:?}");
        }
    }

    #[test]
    fn purposes_and_keys_give_other_hashes_and_no_key_shows_itself() {
        let (one, two) = (Key::new([1; KEY_BYTES]), Key::new([2; KEY_BYTES]));
        assert_ne!(one.sip(1).hash([5]), one.sip(2).hash([5]));
        assert_ne!(one.sip(1).hash([5]), two.sip(1).hash([5]));
        assert_ne!(one.sip(1).letters(&[1, 2, 3]), one.sip(1).letters(&[1, 2, 3, 0]));
        assert_eq!(format!("{one:?} {:?}", one.sip(1)), "Key(32 bytes) Sip(16 bytes)");
    }
}
