//! Makes a collection of documents: picks the fingerprints of each and sorts them. Keeps no text.

use super::{
    super::{
        key::{Key, first_u64},
        letters::Letters,
        lookup::Buckets,
        winnow::{Fingerprint, GRAM, WINDOWS, Winnow, is_telling},
    },
    Document, Documents, Sides,
};
use hmac::Mac;
use std::{collections::HashMap, sync::Arc};

/// Makes a collection, document by document.
#[derive(Debug)]
pub struct DocumentsBuilder {
    key: Key,
    winnow: Winnow,
    sides: Sides,
    name: Arc<str>,
    window: usize,
    documents: Vec<Document>,
    by_id: HashMap<u64, u32>,
    replaced: Vec<bool>,
    prints: Vec<Print>,
    letters: Letters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Print {
    hash: u64,
    owner: u32,
    sides: u32,
}

/// What adding a document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// Letters and digits in it.
    pub letters: usize,
    /// Fingerprints kept.
    pub fingerprints: usize,
    /// It was there already and was replaced.
    pub replaced: bool,
}

impl DocumentsBuilder {
    /// An empty collection. `window` is in [`WINDOWS`].
    #[must_use]
    pub fn new(key: &Key, name: &str, window: usize) -> Self {
        Self {
            key: key.clone(),
            winnow: Winnow::new(key),
            sides: Sides::new(key),
            name: name.into(),
            window: window.clamp(*WINDOWS.start(), *WINDOWS.end()),
            documents: Vec::new(),
            by_id: HashMap::new(),
            replaced: Vec::new(),
            prints: Vec::new(),
            letters: Letters::default(),
        }
    }

    /// Goes on with a collection.
    #[must_use]
    pub fn going_on(key: &Key, collection: Documents) -> Self {
        let mut builder = Self::new(key, &collection.name, collection.window);
        builder.by_id = collection.documents.iter().zip(0..).map(|(document, index)| (document.id, index)).collect();
        builder.replaced = vec![false; collection.documents.len()];
        let prints = collection.hashes.iter().zip(&collection.owners).zip(&collection.sides);
        builder.prints =
            prints.map(|((hash, owner), sides)| Print { hash: *hash, owner: *owner, sides: *sides }).collect();
        builder.documents = collection.documents;
        builder
    }

    /// Adds a document, or replaces the one that was added from the same place.
    pub fn add(&mut self, name: &str, place: &str, text: &str) -> Added {
        let id = self.id(place);
        let old = self.by_id.get(&id).copied();
        if let Some(replaced) = old.and_then(|old| self.replaced.get_mut(old as usize)) {
            *replaced = true;
        }
        self.letters.read(text);
        let codes = &self.letters.codes;
        let owner = u32::try_from(self.documents.len()).unwrap_or(u32::MAX);
        let mut prints = Vec::new();
        for Fingerprint { hash, at } in self.winnow.pick(codes, self.window) {
            let telling = codes.get(at..at + GRAM).is_some_and(is_telling);
            if telling {
                prints.push(Print { hash, owner, sides: self.sides.of(codes, at) });
            }
        }
        // The same letters twice in one document are one fingerprint.
        prints.sort_unstable();
        prints.dedup_by_key(|print| print.hash);
        let fingerprints = prints.len();
        self.prints.append(&mut prints);
        let letters = codes.len();
        self.documents.push(Document {
            name: name.to_owned(),
            id,
            letters: u32::try_from(letters).unwrap_or(u32::MAX),
        });
        self.replaced.push(false);
        self.by_id.insert(id, owner);
        Added { letters, fingerprints, replaced: old.is_some() }
    }

    /// The collection.
    #[must_use]
    pub fn finish(mut self) -> Documents {
        let mut numbers = Vec::with_capacity(self.documents.len());
        let mut documents = Vec::new();
        for (document, replaced) in self.documents.into_iter().zip(&self.replaced) {
            numbers.push(if *replaced { None } else { u32::try_from(documents.len()).ok() });
            if !replaced {
                documents.push(document);
            }
        }
        self.prints.retain_mut(|print| match numbers.get(print.owner as usize) {
            Some(Some(number)) => {
                print.owner = *number;
                true
            }
            Some(None) | None => false,
        });
        self.prints.sort_unstable();
        let hashes: Vec<u64> = self.prints.iter().map(|print| print.hash).collect();
        let owners = self.prints.iter().map(|print| print.owner).collect();
        let sides = self.prints.iter().map(|print| print.sides).collect();
        let buckets = Buckets::over(&hashes);
        Documents { name: self.name, window: self.window, documents, hashes, owners, sides, buckets }
    }

    fn id(&self, place: &str) -> u64 {
        let mac = self.key.mac("scrim/company/place/1").chain_update(place.as_bytes());
        first_u64(&mac.finalize().into_bytes())
    }
}
