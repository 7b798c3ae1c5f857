//! Names of the scopes in use, held in memory and kept in step with the store: one slot a scope, which whoever reads or
//! writes the scope holds meanwhile. Does not load anything.

use std::{collections::HashSet, num::NonZeroUsize, sync::Arc};

use lru::LruCache;
use tokio::sync::Mutex;

use super::{keys::ScopeId, rows::Epoch};
use crate::mask::{Names, Original, Placeholder};

/// What a slot holds.
pub(super) struct Loaded {
    /// The day it was loaded: on the next, some of it may be over.
    pub(super) epoch: Epoch,
    /// Live names.
    pub(super) names: Names,
    /// Of these, kept since it was loaded: their rows are of that day.
    pub(super) kept: HashSet<Placeholder>,
}

impl Loaded {
    /// Whether that original has been kept under that placeholder today.
    pub(super) fn has_kept(&self, placeholder: &Placeholder, original: &Original) -> bool {
        let held = self.names.original(placeholder.as_str());
        self.kept.contains(placeholder) && held.is_some_and(|held| held.expose() == original.expose())
    }
}

/// Empty until somebody needs it, and after something that memory does not follow.
pub(super) type Slot = Arc<Mutex<Option<Loaded>>>;

/// Slots by scope; the least used go first, never one that is in use.
pub(super) struct Slots(LruCache<ScopeId, Slot>, usize);

impl Slots {
    /// At most `capacity` scopes, and those in use.
    pub(super) fn new(capacity: NonZeroUsize) -> Self {
        Self(LruCache::unbounded(), capacity.get())
    }

    /// The slot of a scope.
    pub(super) fn of(&mut self, scope: ScopeId) -> Slot {
        if let Some(slot) = self.0.get(&scope) {
            return Arc::clone(slot);
        }
        while self.0.len() >= self.1 {
            let idle = self.0.iter().rev().find(|(_, slot)| Arc::strong_count(slot) == 1).map(|(scope, _)| *scope);
            let Some(idle) = idle else { break };
            self.0.pop(&idle);
        }
        let slot = Slot::default();
        self.0.put(scope, Arc::clone(&slot));
        slot
    }

    /// The slots of one subject.
    pub(super) fn of_subject(&self, subject: &[u8]) -> Vec<Slot> {
        self.0.iter().filter(|(scope, _)| scope.subject == subject).map(|(_, slot)| Arc::clone(slot)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_stay_bounded_and_one_in_use_stays() {
        let mut slots = Slots::new(NonZeroUsize::new(3).unwrap());
        let scope = |n| ScopeId { subject: [n; 16], family: [0; 16] };
        let held = slots.of(scope(0));
        for n in 1..20 {
            slots.of(scope(n));
        }
        assert_eq!(slots.0.len(), 3);
        assert!(Arc::ptr_eq(&held, &slots.of(scope(0))));
        assert_eq!(slots.of_subject(&[0; 16]).len(), 1);
    }
}
