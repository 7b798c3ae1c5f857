//! Addresses of crypto-currencies: the checksums of Base58Check and Bech32. Private keys and seed phrases are secrets,
//! not addresses.

use super::{Judgement, Subject, wallet};

/// Check `base58check`: the last four bytes are the beginning of the double SHA-256 of the others (Bitcoin wiki,
/// «Base58Check encoding»). Bitcoin, Litecoin, Dogecoin, Dash, Tron and Zcash write addresses so: a version of one or
/// two bytes and a hash of twenty.
pub(super) fn base58check(subject: &Subject<'_>) -> Judgement {
    let payload = wallet::base58check(subject.value, wallet::BITCOIN);
    Judgement::holds(payload.is_some_and(|payload| matches!(payload.len(), 21 | 22)))
}

/// Bech32's alphabet (BIP 173).
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Generator of its checksum.
const GENERATOR: [u32; 5] = [0x3B6A_57B2, 0x2650_8E6D, 0x1EA1_19FA, 0x3D42_33DD, 0x2A14_62B3];
/// Remainders: BIP 173 and BIP 350.
const REMAINDERS: [u32; 2] = [1, 0x2BC8_30A3];

/// Check `bech32`: BIP 173 (Bech32) or BIP 350 (Bech32m) over prefix and data.
pub(super) fn bech32(subject: &Subject<'_>) -> Judgement {
    let value = subject.value.to_ascii_lowercase();
    let Some((prefix, data)) = value.rsplit_once('1') else { return Judgement::Fails };
    let high = prefix.bytes().map(|byte| u32::from(byte >> 5));
    let low = prefix.bytes().map(|byte| u32::from(byte & 31));
    let data: Vec<u32> = data
        .bytes()
        .filter_map(|byte| BECH32.iter().position(|known| *known == byte))
        .filter_map(|value| u32::try_from(value).ok())
        .collect();
    let whole = data.len() + prefix.len() + 1 == value.len();
    let values = high.chain(std::iter::once(0)).chain(low).chain(data.iter().copied());
    Judgement::holds(whole && data.len() >= 38 && REMAINDERS.contains(&polymod(values)))
}

fn polymod(values: impl Iterator<Item = u32>) -> u32 {
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let next = (sum & 0x01FF_FFFF) << 5 ^ value;
        GENERATOR.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1).fold(next, |sum, (_, term)| sum ^ term)
    })
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn checksums_decide() {
        assert_eq!(check(base58check, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), Judgement::Holds);
        assert_eq!(check(base58check, "1BoatSLRHtKNngkdXEeobR76b53LETtpyS"), Judgement::Fails);
        assert_eq!(check(bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"), Judgement::Holds);
        assert_eq!(check(bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"), Judgement::Fails);
    }
}
