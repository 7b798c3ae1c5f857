//! Where bytes to be scanned come from: files, standard input, git. Cuts large ones into jobs and reads what a job needs.
//! Finds nothing.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::PathBuf,
    sync::Arc,
};

use super::{
    FILE_MAX,
    decode::HEAD,
    pieces::{OVERLAP, PIECE, Piece, pieces},
    staged,
};
use crate::cli::CliError;

/// Something to be scanned.
#[derive(Debug)]
pub(super) struct Target {
    /// As findings name it.
    pub(super) name: String,
    pub(super) place: Place,
    /// Bytes, where they are known beforehand.
    pub(super) size: Option<u64>,
}

/// Where it lies.
#[derive(Debug)]
pub(super) enum Place {
    File(PathBuf),
    /// Content in git.
    Blob(String),
    /// Standard input, read already.
    Memory(Vec<u8>),
}

/// One target or a part of it.
pub(super) struct Job {
    pub(super) target: Arc<Target>,
    /// `None`: all of it, however much that is.
    pub(super) piece: Option<Piece>,
}

/// What a job needs.
pub(super) struct Content {
    /// The first bytes of the target, which tell what it is.
    pub(super) head: Vec<u8>,
    /// The piece's window.
    pub(super) window: Vec<u8>,
}

impl Target {
    /// A file.
    pub(super) fn file(path: PathBuf, size: Option<u64>) -> Self {
        Self { name: path.display().to_string(), place: Place::File(path), size }
    }

    /// Standard input.
    pub(super) fn stdin() -> Result<Self, CliError> {
        let bytes = read_limited(io::stdin().lock()).map_err(CliError::Input)?;
        Ok(Self { name: "-".to_owned(), size: Some(bytes.len() as u64), place: Place::Memory(bytes) })
    }

    /// All jobs of it, in order.
    pub(super) fn jobs(self) -> Vec<Job> {
        let size = self.size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > PIECE + OVERLAP);
        let target = Arc::new(self);
        let job = |piece| Job { target: Arc::clone(&target), piece };
        match size {
            Some(size) => pieces(size).map(Some).map(job).collect(),
            None => vec![job(None)],
        }
    }
}

impl Job {
    /// Reads it. Without a piece the window is all there is.
    pub(super) fn read(&self) -> Result<Content, CliError> {
        match (&self.target.place, &self.piece) {
            (Place::Memory(bytes), piece) => {
                let window = piece.as_ref().map_or(0..bytes.len(), |piece| piece.window.clone());
                Ok(Content { head: first(bytes), window: bytes.get(window).unwrap_or_default().to_vec() })
            }
            (Place::Blob(blob), _) => Ok(Content::whole(staged::content(blob)?)),
            (Place::File(path), piece) => {
                let failed = |cause| CliError::File { path: path.clone(), cause };
                let mut file = File::open(path).map_err(failed)?;
                let Some(piece) = piece else {
                    return Ok(Content::whole(read_limited(file).map_err(failed)?));
                };
                let mut head = Vec::new();
                (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(failed)?;
                let mut window = Vec::with_capacity(piece.window.len());
                file.seek(SeekFrom::Start(piece.window.start as u64)).map_err(failed)?;
                file.take(piece.window.len() as u64).read_to_end(&mut window).map_err(failed)?;
                Ok(Content { head, window })
            }
        }
    }
}

impl Content {
    fn whole(bytes: Vec<u8>) -> Self {
        Self { head: first(&bytes), window: bytes }
    }
}

fn first(bytes: &[u8]) -> Vec<u8> {
    bytes.get(..HEAD).unwrap_or(bytes).to_vec()
}

/// Reads what has no known size.
pub(super) fn read_limited(reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(FILE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(io::Error::other(format!("larger than {} MiB", FILE_MAX >> 20)));
    }
    Ok(bytes)
}
