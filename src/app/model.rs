//! Opens the model that `[detect.model]` names: which files, how large, and what is wrong with them in terms of the
//! option. Does not compute and does not know labels.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::{
    config::{self, problem::plain},
    detect::{
        company::{Key, key::KEY_BYTES},
        model::{Bounds, Kinds, Model, ModelError, Parts, labels::Labels, wordpiece::Wordpiece},
    },
    infer,
};

/// Bytes of a network at most: a larger one takes seconds for a prompt.
const ONNX_MAX: u64 = 256 << 20;
/// Bytes of `tokenizer.json` at most: a vocabulary of a million words.
const TOKENIZER_MAX: u64 = 64 << 20;
/// Bytes of `config.json` or `labels.json` at most.
const LABELS_FILE_MAX: u64 = 1 << 20;

/// A model that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or the folder cannot be read.
    #[error("`[detect.model] path`: cannot read `{}`: {}\n  hint: it names a folder with an `.onnx` file and `tokenizer.json` (docs/model.md)", path.display(), plain(cause))]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// No network in it.
    #[error("`[detect.model] path`: `{}` holds no `.onnx` file\n  hint: docs/model.md says where to get a model", path.display())]
    NoOnnx {
        /// The folder.
        path: PathBuf,
    },
    /// Several networks in it.
    #[error("`[detect.model] path`: `{}` holds {n_files} `.onnx` files\n  hint: leave the one that is to be used", path.display())]
    SeveralOnnx {
        /// The folder.
        path: PathBuf,
        /// How many.
        n_files: usize,
    },
    /// No names of labels in it.
    #[error("`[detect.model] path`: `{}` holds neither `labels.json` nor `config.json`\n  hint: one of them names the labels in the order of the network's numbers (docs/model.md)", path.display())]
    NoLabels {
        /// The folder.
        path: PathBuf,
    },
    /// Larger than it may be.
    #[error("`[detect.model] path`: `{}` is larger than {} MiB\n  hint: a small model is meant: one this large takes seconds for a prompt", path.display(), limit >> 20)]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// Bytes.
        limit: u64,
    },
    /// This build runs no models.
    #[error(
        "`[detect.model]`: {}\n  hint: use a build with `cargo build --release --features model`, or remove the section",
        ModelError::NotBuilt
    )]
    NotBuilt,
    /// `kinds` does not fit the model.
    #[error(
        "`[detect.model] kinds`: {0}\n  hint: `kinds = {{ NAME = \"PERSON\" }}` gives a kind of the model a category (docs/model.md)"
    )]
    Kinds(ModelError),
    /// The files are there, and are no such model.
    #[error("`[detect.model] path`: `{}`: {cause}\n  hint: an ONNX token classifier of the shape of BERT's is meant (docs/model.md)", path.display())]
    Unusable {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        cause: ModelError,
    },
    /// No randomness for the key of its memory.
    #[error("the system gives no random bytes: {0}")]
    Random(getrandom::Error),
}

/// Files of a model.
struct Files {
    onnx: Vec<u8>,
    tokenizer: Vec<u8>,
    labels: (&'static str, Vec<u8>),
}

/// Opens the model, if one is named.
///
/// # Errors
/// When it cannot be read, or does not fit what is written about it.
pub fn open(config: &config::model::Model) -> Result<Option<Model>, OpenError> {
    let Some(path) = &config.path else { return Ok(None) };
    let files = Files::read(path)?;
    let version = version(&files, config);
    let in_folder = |cause| match cause {
        ModelError::NotBuilt => OpenError::NotBuilt,
        ModelError::NoKinds { .. } | ModelError::UnknownKind { .. } => OpenError::Kinds(cause),
        ModelError::Tokenizer(_) | ModelError::Labels { .. } | ModelError::Shape { .. } | ModelError::Network(_) => {
            OpenError::Unusable { path: path.clone(), cause }
        }
    };
    let pieces = Wordpiece::read(&files.tokenizer).map_err(in_folder)?;
    let labels = Labels::read(files.labels.0, &files.labels.1).map_err(in_folder)?;
    let kinds = Kinds::new(labels.kinds(), &config.kinds.0).map_err(in_folder)?;
    let network = infer::open(files.onnx, config.threads).map_err(in_folder)?;
    let bounds = Bounds {
        min_score: config.min_score,
        tokens: config.budget_tokens,
        time: Duration::from_millis(config.budget_ms),
    };
    // What the model remembers lives as long as this process, and so does its key.
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(OpenError::Random)?;
    let name = path.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
    let parts = Parts { name, version, pieces, labels, kinds, network, bounds, key: Key::new(key) };
    Model::new(parts).map(Some).map_err(in_folder)
}

impl Files {
    fn read(folder: &Path) -> Result<Self, OpenError> {
        let tokenizer = file(&folder.join("tokenizer.json"), TOKENIZER_MAX);
        let onnx = onnx_file(folder)?;
        Ok(Self { labels: labels_file(folder)?, tokenizer: tokenizer?, onnx: file(&onnx, ONNX_MAX)? })
    }
}

/// The one `.onnx` file of a folder or of `onnx/` in it.
fn onnx_file(folder: &Path) -> Result<PathBuf, OpenError> {
    let mut found = Vec::new();
    for place in [folder.to_path_buf(), folder.join("onnx")] {
        let entries = match std::fs::read_dir(&place) {
            Ok(entries) => entries,
            Err(cause) if place != folder && cause.kind() == io::ErrorKind::NotFound => continue,
            Err(cause) => return Err(OpenError::Unreadable { path: place, cause }),
        };
        for entry in entries {
            let path = entry.map_err(|cause| OpenError::Unreadable { path: place.clone(), cause })?.path();
            if path.extension().is_some_and(|extension| extension == "onnx") {
                found.push(path);
            }
        }
    }
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(OpenError::NoOnnx { path: folder.to_path_buf() }),
        several => Err(OpenError::SeveralOnnx { path: folder.to_path_buf(), n_files: several.len() }),
    }
}

/// `labels.json`, which people write, before `config.json`, which comes with a model.
fn labels_file(folder: &Path) -> Result<(&'static str, Vec<u8>), OpenError> {
    for name in ["labels.json", "config.json"] {
        let path = folder.join(name);
        if path.is_file() {
            return Ok((name, file(&path, LABELS_FILE_MAX)?));
        }
    }
    Err(OpenError::NoLabels { path: folder.to_path_buf() })
}

fn file(path: &Path, limit: u64) -> Result<Vec<u8>, OpenError> {
    let unreadable = |cause| OpenError::Unreadable { path: path.to_path_buf(), cause };
    let mut bytes = Vec::new();
    let opened = File::open(path).map_err(unreadable)?;
    opened.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= limit);
    if fits { Ok(bytes) } else { Err(OpenError::TooLarge { path: path.to_path_buf(), limit }) }
}

/// 8 hexadecimal digits of a hash over the files and what is written about them.
fn version(files: &Files, config: &config::model::Model) -> String {
    let mut hash = Sha256::new();
    let written = format!("{:?} {} {}", config.kinds, config.min_score, config.budget_tokens);
    for part in [&files.onnx, &files.tokenizer, &files.labels.1, written.as_bytes()] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    data_encoding::HEXLOWER.encode(hash.finalize().get(..4).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said of a folder with these files.
    fn told(files: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let model = config::model::Model { path: Some(folder.path().to_path_buf()), ..config::model::Model::default() };
        let error = open(&model).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "DIR")
    }

    #[test]
    fn what_is_missing_or_no_model_is_told_with_the_option_and_the_way_out() {
        let (tokenizer, labels) = (("tokenizer.json", "{}"), ("config.json", "{}"));
        assert!(
            told(&[tokenizer]).starts_with("`[detect.model] path`: `DIR` holds no `.onnx` file\n  hint: docs/model.md")
        );
        let onnx = ("onnx/a.onnx", "x");
        assert!(told(&[onnx, ("b.onnx", "x")]).contains("holds 2 `.onnx` files"));
        assert!(told(&[onnx, tokenizer]).contains("holds neither `labels.json` nor `config.json`"));
        assert!(told(&[onnx, labels]).contains("cannot read `DIR/tokenizer.json`"));
        assert!(told(&[onnx, labels, tokenizer]).contains("`DIR`: `tokenizer.json`: not a WordPiece tokenizer"));
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let model = config::model::Model { path: Some("/nowhere/x".into()), ..config::model::Model::default() };
        let error = open(&model).unwrap_err().to_string();
        assert!(error.contains("`[detect.model] path`: cannot read `/nowhere/x`"), "{error}");
        assert!(open(&config::model::Model::default()).unwrap().is_none());
    }

    #[test]
    fn a_file_larger_than_its_limit_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.onnx");
        std::fs::write(&path, [0; 100]).unwrap();
        assert_eq!(file(&path, 100).unwrap().len(), 100);
        assert!(matches!(file(&path, 99), Err(OpenError::TooLarge { limit: 99, .. })));
    }
}
