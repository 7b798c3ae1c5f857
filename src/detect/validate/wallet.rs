//! Keys of wallets by their checksums: base58check (WIF, extended keys, XRP seeds) and Stellar's seeds. The words of seed
//! phrases are `mnemonic`.

use super::{Judgement, Subject};
use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

/// Bitcoin's alphabet (Bitcoin Core, base58.cpp).
pub(super) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// XRP Ledger's alphabet (xrpl.org, «base58 encodings»).
const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
/// Longest value decoded: an extended key has 111 characters.
const LONGEST: usize = 128;

fn base58(value: &str, alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    if value.len() > LONGEST {
        return None;
    }
    let mut bytes: Vec<u8> = Vec::new();
    for character in value.bytes() {
        let mut carry = u32::try_from(alphabet.iter().position(|known| *known == character)?).ok()?;
        for byte in &mut bytes {
            carry += u32::from(*byte) * 58;
            *byte = u8::try_from(carry & 0xFF).unwrap_or(0);
            carry >>= 8;
        }
        while carry > 0 {
            bytes.push(u8::try_from(carry & 0xFF).unwrap_or(0));
            carry >>= 8;
        }
    }
    let zero = alphabet.first().copied();
    bytes.extend(value.bytes().take_while(|byte| Some(*byte) == zero).map(|_| 0));
    bytes.reverse();
    Some(bytes)
}

/// The payload of base58check: the last four bytes begin the double SHA-256 of those before.
pub(super) fn base58check(value: &str, alphabet: &[u8; 58]) -> Option<Vec<u8>> {
    let mut bytes = base58(value, alphabet)?;
    let check = bytes.split_off(bytes.len().checked_sub(4)?);
    let digest = Sha256::digest(Sha256::digest(&bytes));
    digest.starts_with(&check).then_some(bytes)
}

/// Check `wif`: private key of Bitcoin, Litecoin, Dogecoin or a test network (Bitcoin wiki, «Wallet import format»;
/// versions from the chains' chainparams.cpp).
pub(super) fn wif(subject: &Subject<'_>) -> Judgement {
    const VERSIONS: [u8; 6] = [0x80, 0xEF, 0xB0, 0x9E, 0xF1, 0xCC];
    let payload = base58check(subject.value, BITCOIN).unwrap_or_default();
    let version = payload.first().is_some_and(|version| VERSIONS.contains(version));
    let length = payload.len() == 33 || payload.len() == 34 && payload.last() == Some(&1);
    Judgement::holds(version && length)
}

/// Check `extended-key`: the private half of a BIP 32 key (SLIP 132 for the versions). 78 bytes, a zero before the key.
pub(super) fn extended_key(subject: &Subject<'_>) -> Judgement {
    let payload = base58check(subject.value, BITCOIN).unwrap_or_default();
    Judgement::holds(payload.len() == 78 && payload.get(45) == Some(&0))
}

/// Check `xrp-seed`: a family seed of the XRP Ledger (xrpl.org, «Cryptographic keys»): 16 bytes behind 0x21 or 0x01E14B.
pub(super) fn xrp_seed(subject: &Subject<'_>) -> Judgement {
    let payload = base58check(subject.value, RIPPLE).unwrap_or_default();
    let secp256k1 = payload.len() == 17 && payload.first() == Some(&0x21);
    let ed25519 = payload.len() == 19 && payload.starts_with(&[0x01, 0xE1, 0x4B]);
    Judgement::holds(secp256k1 || ed25519)
}

/// Check `stellar-seed`: StrKey of a secret seed (SEP-23): version byte `S`, 32 bytes, CRC-16/XMODEM, little-endian.
pub(super) fn stellar_seed(subject: &Subject<'_>) -> Judgement {
    const SECRET_SEED: u8 = 18 << 3;
    let bytes = BASE32_NOPAD.decode(subject.value.as_bytes()).unwrap_or_default();
    let Some((body, check)) = bytes.split_last_chunk::<2>() else { return Judgement::Fails };
    let version = body.len() == 33 && body.first() == Some(&SECRET_SEED);
    Judgement::holds(version && crc16(body) == u16::from_le_bytes(*check))
}

/// CRC-16/XMODEM: polynomial 0x1021, nothing reflected, start 0.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |mut rest, byte| {
        rest ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            rest = if rest & 0x8000 == 0 { rest << 1 } else { (rest << 1) ^ 0x1021 };
        }
        rest
    })
}

/// Check `base58-bytes`: 64 bytes in base58, as Solana's tools print a key pair.
pub(super) fn base58_keypair(subject: &Subject<'_>) -> Judgement {
    Judgement::holds(base58(subject.value, BITCOIN).is_some_and(|bytes| bytes.len() == 64))
}

/// Check `byte-array`: 32 or 64 numbers of a byte each, in no order: a key as `solana-keygen` stores it.
pub(super) fn byte_array(subject: &Subject<'_>) -> Judgement {
    let body = subject.value.trim_matches(['[', ']']);
    let numbers: Option<Vec<u8>> = body.split(',').map(|number| number.trim().parse().ok()).collect();
    let Some(numbers) = numbers else { return Judgement::Fails };
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    let ordered = sorted == numbers;
    sorted.dedup();
    Judgement::holds(matches!(numbers.len(), 32 | 64) && sorted.len() * 3 > numbers.len() * 2 && !ordered)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn base58check_keys_hold_and_one_changed_letter_does_not() {
        // The example of the Bitcoin wiki, in two pieces.
        let key = ["5HueCGU8rMjxEXxiPuD5BDku4Mk", "FqeZyd4dZ1jvhTVqvbTLvyTJ"].concat();
        assert_eq!(check(wif, &key), Judgement::Holds);
        assert_eq!(check(wif, &key.replace("Hue", "Hve")), Judgement::Fails);
        // BIP 32, test vector 1, chain m.
        let master = [
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNK",
            "mPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
        ];
        assert_eq!(check(extended_key, &master.concat()), Judgement::Holds);
    }

    #[test]
    fn an_xrp_seed_has_its_own_alphabet() {
        let seed = ["sn3nxiW7v8KXzPzAqzyHXbSS", "KNuN9"].concat();
        assert_eq!(check(xrp_seed, &seed), Judgement::Holds);
        assert_eq!(check(xrp_seed, &seed.replace("nx", "xn")), Judgement::Fails);
    }

    #[test]
    fn a_stellar_seed_has_a_checksum() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
        // SEP-23, the example of a secret seed.
        let seed = ["SDJHRQF4GCMIIKAAAQ6IHY42X73F", "QFLHUULAPSKKD4DFDM7UXWWCRHBE"].concat();
        assert_eq!(check(stellar_seed, &seed), Judgement::Holds);
        assert_eq!(check(stellar_seed, &seed.replace("GCM", "GMC")), Judgement::Fails);
    }

    #[test]
    fn a_key_as_numbers_is_32_or_64_bytes_in_no_order() {
        let row = |step: usize, count: usize| {
            let numbers: Vec<String> = (0..count).map(|i| ((i * step + 7) % 256).to_string()).collect();
            format!("[{}]", numbers.join(","))
        };
        assert_eq!(check(byte_array, &row(97, 64)), Judgement::Holds);
        assert_eq!(check(byte_array, &row(1, 64)), Judgement::Fails);
        assert_eq!(check(byte_array, &row(97, 63)), Judgement::Fails);
    }
}
