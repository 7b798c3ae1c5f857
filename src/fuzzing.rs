//! The bodies of the fuzz targets, here so that they run on stable too: a test feeds them `fuzz/seeds/`, where every
//! crash that was found stays as a seed. Each states properties, not only that nothing panics. Not for production use.

mod wire;
mod text;
mod exchange;

pub use exchange::{answer, request};
pub use text::{detect, restore};
pub use wire::{client_hello, encoding, form, json, multipart, ndjson, sse, websocket};

/// A fuzz target: asserts its properties for any bytes.
pub type Target = fn(&[u8]);

/// All targets by the name of their file in `fuzz/fuzz_targets/` and their folder in `fuzz/seeds/`, in the order of the
/// modules they exercise.
pub const TARGETS: &[(&str, Target)] = &[
    ("encoding", encoding),
    ("json", json),
    ("form", form),
    ("multipart", multipart),
    ("sse", sse),
    ("ndjson", ndjson),
    ("websocket", websocket),
    ("client_hello", client_hello),
    ("detect", detect),
    ("restore", restore),
    ("request", request),
    ("answer", answer),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use super::TARGETS;

    fn fuzz_folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
    }

    fn entries(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    #[test]
    fn every_target_holds_for_its_seeds() {
        for (name, target) in TARGETS {
            let seeds = entries(&fuzz_folder().join("seeds").join(name));
            assert!(seeds.len() >= 3, "`{name}` has {} seeds", seeds.len());
            seeds.iter().for_each(|seed| target(&std::fs::read(seed).unwrap()));
        }
    }

    #[test]
    fn every_target_has_its_file_and_its_seeds_and_no_other_exist() {
        let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
        for folder in ["fuzz_targets", "seeds"] {
            let stems = entries(&fuzz_folder().join(folder)).into_iter();
            let stems: BTreeSet<String> =
                stems.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
            assert_eq!(stems, names, "{folder}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_target_holds_for_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            TARGETS.iter().for_each(|(_, target)| target(&bytes));
        }
    }
}
