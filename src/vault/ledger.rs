//! The turns of a conversation that a local model has answered: the site does not have them, so the next turn's model
//! gets them from here. Encrypted like originals; does not know formats of sites.

use std::collections::HashMap;

use zeroize::Zeroizing;

use super::{
    VaultError,
    core::Core,
    keys::ScopeId,
    rows::{self, Kind, Row},
    sealed,
};
use crate::site::Turn;

/// Turns of a conversation that are kept: a local model's context holds no more.
pub const TURNS_MAX: usize = 64;

/// Bytes of a turn's text that are kept.
pub const TURN_BYTES: usize = 256 * 1024;

impl Core {
    /// The turns that are held, oldest first; `None` when there is none.
    pub(super) fn turns(&self, scope: ScopeId, conversation: &str) -> Result<Option<Vec<Turn>>, VaultError> {
        let mut epochs = HashMap::new();
        let mut turns = Vec::new();
        for row in self.each(&self.of_conversation(scope, conversation)) {
            let (key, bytes) = row?;
            let Some(plain) = self.open_row(scope, &key, &bytes, &mut epochs)? else { continue };
            turns.push(serde_json::from_slice(&plain).map_err(|_odd| VaultError::Turn)?);
        }
        Ok((!turns.is_empty()).then_some(turns))
    }

    /// Appends turns, drops the oldest above [`TURNS_MAX`]; durable when it returns.
    pub(super) fn remember(&self, scope: ScopeId, conversation: &str, turns: Vec<Turn>) -> Result<(), VaultError> {
        let prefix = self.of_conversation(scope, conversation);
        let held: Vec<_> = self.each(&prefix).collect::<Result<_, _>>()?;
        let last = held.last().and_then(|(key, _)| key.last_chunk::<8>());
        let next = last.map_or(0, |number| u64::from_be_bytes(*number) + 1);
        let today = self.epoch();
        let epoch_key = self.todays_key(scope, today)?;
        let kept = turns.len().min(TURNS_MAX);
        for (number, turn) in (next..).zip(turns.into_iter().map(shortened)) {
            let key = [prefix.as_slice(), &number.to_be_bytes()].concat();
            let plain = Zeroizing::new(serde_json::to_vec(&turn).map_err(|_odd| VaultError::Turn)?);
            let sealed = sealed::seal(&epoch_key, &rows::associated(&key, today), &plain)?;
            let row = rows::lay_out(self.map.as_ref(), &key, today, &sealed)?;
            self.map.put(&key, &row.encode())?;
        }
        let surplus = (held.len() + kept).saturating_sub(TURNS_MAX);
        for (key, bytes) in held.iter().take(surplus) {
            match Row::decode(bytes) {
                Some(row) => rows::remove(self.map.as_ref(), key, &row)?,
                None => self.map.delete(key)?,
            }
        }
        Ok(self.map.flush()?)
    }

    fn of_conversation(&self, scope: ScopeId, conversation: &str) -> Vec<u8> {
        rows::key(Kind::Turn, scope, &self.keys.conversation(conversation))
    }
}

fn shortened(mut turn: Turn) -> Turn {
    if turn.text.len() > TURN_BYTES {
        let cut = (0..=TURN_BYTES).rev().find(|n| turn.text.is_char_boundary(*n)).unwrap_or(0);
        turn.text.truncate(cut);
    }
    turn
}
