//! What the network said about windows that it saw before: chat programs send the whole conversation with every turn.
//! Holds keyed hashes and numbers, never a text.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use hmac::Mac;

use super::{super::company::Key, guess::Guess};

/// Windows of one generation; two are kept. A window without findings takes 100 bytes, one full of them 4 KB.
const GENERATION: usize = 4096;

/// Where a window is kept: half of an HMAC-SHA256 of its tokens.
pub(super) type Place = [u8; 16];

/// The youngest windows. What was not asked for during a whole generation is forgotten.
pub(super) struct Cache {
    key: Key,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    young: HashMap<Place, Arc<[Guess]>>,
    old: HashMap<Place, Arc<[Guess]>>,
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    pub(super) fn new(key: Key) -> Self {
        Self { key, kept: Mutex::default() }
    }

    pub(super) fn place(&self, ids: &[u32]) -> Place {
        let mut mac = self.key.mac("scrim/model/window/1");
        ids.iter().for_each(|id| mac.update(&id.to_le_bytes()));
        let mut place = Place::default();
        place.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
        place
    }

    pub(super) fn get(&self, place: &Place) -> Option<Arc<[Guess]>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.young.get(place) {
            return Some(Arc::clone(known));
        }
        let known = kept.old.remove(place)?;
        kept.put(*place, Arc::clone(&known));
        Some(known)
    }

    pub(super) fn put(&self, place: Place, guesses: Arc<[Guess]>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).put(place, guesses);
    }
}

impl Kept {
    fn put(&mut self, place: Place, guesses: Arc<[Guess]>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(place, guesses);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::company::key::KEY_BYTES;

    fn cache(key: u8) -> Cache {
        Cache::new(Key::new([key; KEY_BYTES]))
    }

    #[test]
    fn a_window_is_found_again_and_only_under_its_key() {
        let (one, two) = (cache(1), cache(2));
        let place = one.place(&[1, 2, 3]);
        assert_ne!(place, two.place(&[1, 2, 3]));
        assert_ne!(place, one.place(&[1, 2]));
        assert_eq!(one.get(&place), None);
        one.put(place, Arc::from([]));
        assert_eq!(one.get(&place).map(|guesses| guesses.len()), Some(0));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_is_forgotten() {
        let cache = cache(1);
        let place = |n: usize| cache.place(&[u32::try_from(n).unwrap()]);
        for n in 0..GENERATION * 4 {
            cache.put(place(n), Arc::from([]));
            if n % 1000 == 0 {
                assert!(cache.get(&place(0)).is_some(), "{n}");
            }
        }
        assert!(cache.get(&place(1)).is_none());
        let kept = cache.kept.lock().unwrap();
        assert!(kept.young.len() + kept.old.len() <= GENERATION * 2);
    }
}
