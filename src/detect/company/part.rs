//! One file of the index: what it holds, and how it becomes bytes and is read back. Opens no file.

use super::{
    Data, Documents, FormatError, Key, Kind, Secrets,
    exact::Column,
    format::{self, Reader, Writer},
};

/// One file of the index.
#[derive(Debug)]
pub enum Part {
    /// Fingerprints of documents.
    Documents(Documents),
    /// Rows of a table.
    Data(Data),
    /// Secrets.
    Secrets(Secrets),
    /// Fingerprints of text that anybody may know.
    Public(Documents),
}

impl Part {
    /// What it holds.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Documents(_) => Kind::Documents,
            Self::Data(_) => Kind::Data,
            Self::Secrets(_) => Kind::Secrets,
            Self::Public(_) => Kind::Public,
        }
    }

    /// Its name, the last part of the rule's id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Documents(documents) | Self::Public(documents) => &documents.name,
            Self::Data(data) => &data.name,
            Self::Secrets(secrets) => &secrets.name,
        }
    }

    /// What is in it, in words: `3 documents, 1234 fingerprints`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::Documents(part) | Self::Public(part) => {
                format!("{} documents, {} fingerprints", part.documents().len(), part.fingerprints())
            }
            Self::Data(data) => {
                let column =
                    |column: &Column| format!("{}{}", column.name, if column.unique { " (unique)" } else { "" });
                let columns: Vec<String> = data.columns().iter().map(column).collect();
                format!("{} rows of {}", data.rows(), columns.join(", "))
            }
            Self::Secrets(secrets) => format!("{} secrets", secrets.secrets()),
        }
    }

    /// As it is written to a file.
    #[must_use]
    pub fn to_bytes(&self, key: &Key) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::Documents(documents) | Self::Public(documents) => documents.write(&mut writer),
            Self::Data(data) => data.write(&mut writer),
            Self::Secrets(secrets) => secrets.write(&mut writer),
        }
        format::seal(key, self.kind(), &writer.finish())
    }

    /// Reads it back.
    ///
    /// # Errors
    /// When the bytes are foreign, of a newer version, of another key, cut, changed or forged.
    pub fn from_bytes(key: &Key, bytes: &[u8]) -> Result<Self, FormatError> {
        let (kind, body) = format::open(key, bytes)?;
        let mut reader = Reader::new(body);
        let part = match kind {
            Kind::Documents => Self::Documents(Documents::read(&mut reader)?),
            Kind::Data => Self::Data(Data::read(&mut reader)?),
            Kind::Secrets => Self::Secrets(Secrets::read(&mut reader)?),
            Kind::Public => Self::Public(Documents::read(&mut reader)?),
        };
        reader.end()?;
        Ok(part)
    }
}
