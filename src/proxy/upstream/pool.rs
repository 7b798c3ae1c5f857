//! Open connections to sites, kept apart by person: a connection can carry log-in state, and a fault in one person's
//! request must never reach another's answer. Opens nothing itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex as AsyncMutex, time::Instant};

use super::link::Link;
use crate::proxy::origin::Origin;

/// Connections of one person to one site that speaks HTTP/1.1.
const LANES_MAX: usize = 64;

/// Whose connection, to where.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// Canonical subject.
    pub subject: Box<str>,
    /// The site.
    pub origin: Origin,
}

impl Key {
    /// Whose, to where.
    #[must_use]
    pub fn new(subject: &str, origin: &Origin) -> Self {
        Self { subject: subject.into(), origin: origin.clone() }
    }
}

/// The connections.
#[derive(Debug)]
pub struct Pool {
    idle_limit: Duration,
    places: Mutex<HashMap<Key, Place>>,
}

#[derive(Debug, Default)]
struct Place {
    /// HTTP/1.1 connections, newest last, idle or still answering; and at most one of HTTP/2.
    links: Vec<(Link, Instant)>,
    /// Held by whoever is connecting.
    turn: Arc<AsyncMutex<()>>,
}

impl Pool {
    /// Connections unused for `idle_limit` are closed.
    #[must_use]
    pub fn new(idle_limit: Duration) -> Self {
        Self { idle_limit, places: Mutex::default() }
    }

    /// A connection that takes a request at once. One that is shared stays in its place.
    #[must_use]
    pub fn take(&self, key: &Key) -> Option<Link> {
        let now = Instant::now();
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let links = &mut places.get_mut(key)?.links;
        links.retain(|(link, used)| self.is_alive(link, *used, now));
        // The newest first: the older ones then end by themselves when fewer are needed.
        let index = links.iter().rposition(|(link, _)| link.is_ready())?;
        let (link, used) = links.get_mut(index)?;
        if let Some(shared) = link.share() {
            *used = now;
            return Some(shared);
        }
        Some(links.remove(index).0)
    }

    /// Gives a connection (back), possibly while its answer is still coming.
    pub fn put(&self, key: &Key, link: Link) {
        if link.is_closed() {
            return;
        }
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        if !places.contains_key(key) {
            places.insert(key.clone(), Place::default());
        }
        let Some(place) = places.get_mut(key) else { return };
        let is_there = |(other, _): &(Link, Instant)| other.is_shared() && !other.is_closed();
        if link.is_shared() && place.links.iter().any(is_there) {
            return;
        }
        if place.links.len() < LANES_MAX {
            place.links.push((link, Instant::now()));
        }
    }

    /// The lock under which one connection is made for all who wait.
    #[must_use]
    pub fn turn(&self, key: &Key) -> Arc<AsyncMutex<()>> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&places.entry(key.clone()).or_default().turn)
    }

    /// One that is not ready is still answering.
    fn is_alive(&self, link: &Link, used: Instant, now: Instant) -> bool {
        !link.is_closed() && (!link.is_ready() || now.duration_since(used) < self.idle_limit)
    }

    /// Drops what is closed or unused since `idle_limit`, and places without connections.
    pub fn reap(&self, now: Instant) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|_, place| {
            place.links.retain(|(link, used)| self.is_alive(link, *used, now));
            !place.links.is_empty() || Arc::strong_count(&place.turn) > 1
        });
    }
}
