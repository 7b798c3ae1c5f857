//! How rows lie in the map: their keys, their layout, and values longer than a row. Does not hold keys or open anything.
//!
//! | key | value |
//! |---|---|
//! | `B` | birth of the vault: a random id, sealed under the wrapping key |
//! | `S` subject family | salt of the scope, sealed |
//! | `E` subject family epoch | epoch key, sealed |
//! | `N` subject family placeholder | original |
//! | `L` subject family conversation number | local turn |
//! | `P` + an `N` or `L` key + epoch + part | what did not fit into the row |
//!
//! An `N` or `L` row is `1 ‖ epoch (4) ‖ parts (2) ‖ beginning of the sealed value`; `0 ‖ epoch` says that two originals
//! met under one placeholder.

use super::{
    VaultError,
    keys::{ID_BYTES, ScopeId},
};
use crate::store::{MapStore, StoreError, VALUE_MAX};

/// A day, counted from 1970.
pub type Epoch = u32;

/// Key of the vault's birth.
pub(super) const BIRTH: &[u8] = b"B";

/// Bytes of a sealed value in one row.
const PIECE_BYTES: usize = VALUE_MAX - 64;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Salt of a scope.
    Salt,
    /// Key of an epoch.
    EpochKey,
    /// An original.
    Name,
    /// A local turn.
    Turn,
    /// The rest of a long value.
    Part,
}

impl Kind {
    /// Every kind that belongs to a subject.
    pub(super) const ALL: [Self; 5] = [Self::Salt, Self::EpochKey, Self::Name, Self::Turn, Self::Part];

    fn letter(self) -> u8 {
        match self {
            Self::Salt => b'S',
            Self::EpochKey => b'E',
            Self::Name => b'N',
            Self::Turn => b'L',
            Self::Part => b'P',
        }
    }
}

/// Beginning of every key of that kind.
pub(super) fn all(kind: Kind) -> Vec<u8> {
    vec![kind.letter()]
}

/// Beginning of every key of that kind and subject.
pub(super) fn of_subject(kind: Kind, subject: &[u8; ID_BYTES]) -> Vec<u8> {
    // The rest of a long value lies under the key of its row, whose first letter comes in between.
    [&[kind.letter()], subject.as_slice()].concat()
}

/// A key of that kind in a scope.
pub(super) fn key(kind: Kind, scope: ScopeId, rest: &[u8]) -> Vec<u8> {
    [&[kind.letter()], scope.subject.as_slice(), &scope.family, rest].concat()
}

/// A row's content, as laid out in the module's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// A sealed value.
    Value {
        /// Whose key opens it.
        epoch: Epoch,
        /// Rows under `P` that go on with it.
        parts: u16,
        /// Its beginning.
        piece: Vec<u8>,
    },
    /// Two originals met here.
    Collided {
        /// When.
        epoch: Epoch,
    },
}

impl Row {
    /// Reads a row; `None` when it is none.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (layout, rest) = bytes.split_first()?;
        let (epoch, rest) = rest.split_first_chunk::<4>()?;
        let epoch = Epoch::from_be_bytes(*epoch);
        match layout {
            0 => Some(Self::Collided { epoch }),
            1 => {
                let (parts, piece) = rest.split_first_chunk::<2>()?;
                Some(Self::Value { epoch, parts: u16::from_be_bytes(*parts), piece: piece.to_vec() })
            }
            _ => None,
        }
    }

    /// As stored.
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Value { epoch, parts, piece } => {
                [&[1], epoch.to_be_bytes().as_slice(), &parts.to_be_bytes(), piece].concat()
            }
            Self::Collided { epoch } => [&[0], epoch.to_be_bytes().as_slice()].concat(),
        }
    }

    /// Its epoch.
    pub(super) fn epoch(&self) -> Epoch {
        match self {
            Self::Value { epoch, .. } | Self::Collided { epoch } => *epoch,
        }
    }
}

/// Writes what does not fit into the row and returns the row, which the caller writes last: parts of another epoch are
/// untouched, so that a crash in between leaves the old value whole.
pub(super) fn lay_out(map: &dyn MapStore, key: &[u8], epoch: Epoch, sealed: &[u8]) -> Result<Row, VaultError> {
    let mut pieces = sealed.chunks(PIECE_BYTES);
    let piece = pieces.next().unwrap_or_default().to_vec();
    let mut parts = 0_u16;
    for more in pieces {
        map.put(&part_key(key, epoch, parts), more)?;
        parts = parts.checked_add(1).ok_or(StoreError::TooLarge { bytes: sealed.len() })?;
    }
    Ok(Row::Value { epoch, parts, piece })
}

/// Puts the pieces of a sealed value together.
pub(super) fn join(
    map: &dyn MapStore,
    key: &[u8],
    epoch: Epoch,
    parts: u16,
    piece: Vec<u8>,
) -> Result<Vec<u8>, VaultError> {
    let mut sealed = piece;
    for part in 0..parts {
        let more = map.get(&part_key(key, epoch, part))?.ok_or(VaultError::Forged)?;
        sealed.extend(more);
    }
    Ok(sealed)
}

/// Removes a row and what goes on with it.
pub(super) fn remove(map: &dyn MapStore, key: &[u8], row: &Row) -> Result<(), StoreError> {
    map.delete(key)?;
    remove_parts(map, key, row)
}

/// Removes what goes on with a row that has been replaced.
pub(super) fn remove_parts(map: &dyn MapStore, key: &[u8], row: &Row) -> Result<(), StoreError> {
    let Row::Value { epoch, parts, .. } = row else { return Ok(()) };
    for part in 0..*parts {
        map.delete(&part_key(key, *epoch, part))?;
    }
    Ok(())
}

/// `P`, the subject first so that erasing finds it, then the row's own key.
fn part_key(key: &[u8], epoch: Epoch, part: u16) -> Vec<u8> {
    let (letter, rest) = key.split_first().unwrap_or((&0, &[]));
    [&[Kind::Part.letter()], rest, &[0, *letter], &epoch.to_be_bytes(), &part.to_be_bytes()].concat()
}

/// What a value is bound to: row key (kind, scope, placeholder or turn) and epoch.
pub(super) fn associated(key: &[u8], epoch: Epoch) -> Vec<u8> {
    [b"scrim/row/1".as_slice(), key, &epoch.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::memory::Memory;

    #[test]
    fn a_long_value_is_split_and_joined_and_removed_whole() {
        let map = Memory::default();
        let scope = ScopeId { subject: [1; 16], family: [2; 16] };
        let key = key(Kind::Name, scope, b"EMAIL_X");
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 100_000] {
            let sealed: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let row = lay_out(&map, &key, 7, &sealed).unwrap();
            map.put(&key, &row.encode()).unwrap();
            let Some(Row::Value { epoch, parts, piece }) = Row::decode(&map.get(&key).unwrap().unwrap()) else {
                panic!("a value was written")
            };
            assert_eq!(join(&map, &key, epoch, parts, piece).unwrap(), sealed);
            assert_eq!(map.scan_prefix(&of_subject(Kind::Part, &[1; 16]), None, 99).unwrap().len(), usize::from(parts));
            remove(&map, &key, &row).unwrap();
            assert!(map.scan_prefix(b"", None, 9).unwrap().is_empty());
        }
    }

    #[test]
    fn bytes_that_are_no_row_are_none() {
        assert_eq!(Row::decode(&Row::Collided { epoch: 9 }.encode()), Some(Row::Collided { epoch: 9 }));
        for odd in [&[][..], &[1], &[1, 0, 0, 0, 1, 0], &[2, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(Row::decode(odd), None);
        }
    }
}
