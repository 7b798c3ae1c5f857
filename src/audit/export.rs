//! The log as JSON lines: what `scrim log export` writes and `scrim log verify FILE` reads, without the state folder.
//!
//! ```json
//! {"seq":1,"link":"9f…","payload_hash":"3c…","salt":"77…","event":{"v":1,"id":"01K…",…}}
//! {"seq":2,"link":"b0…","payload_hash":"e1…","salt":null,"event":null}
//! {"checkpoint":{"v":1,"seq":2,"link":"b0…","first":1,"time":1795562314000},"mac":"5d…"}
//! ```
//!
//! `event` is the last field and holds the payload byte for byte as it was hashed: from behind `"event":` to the brace
//! that closes the line. So a line is ordinary JSON for any tool and still proves itself, as long as it is not
//! reformatted. A retired record has `null` for salt and event. The checkpoint tells an export that was cut; its MAC
//! can be checked by whoever has `keys/log.key`.

use std::io::BufRead;

use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::{
    AuditError,
    chain::{Body, Record},
    checkpoint::{self, Found, Head},
    verify::{self, Fault, Known, Report},
};
use crate::store::keyfile::SecretKey;

/// Bytes of a line; the longest record has about 8 KiB.
const LINE_MAX: usize = 64 * 1024;

/// What stands before the payload.
const EVENT: &str = ",\"event\":";

/// One record as a line.
///
/// # Errors
/// When its payload is no text.
pub fn line(seq: u64, record: &Record) -> Result<String, AuditError> {
    let (link, hash) = (HEXLOWER.encode(&record.link), HEXLOWER.encode(&record.payload_hash));
    let (salt, event) = match &record.body {
        None => ("null".to_owned(), "null"),
        Some(body) => {
            let unreadable = |error: std::str::Utf8Error| AuditError::Unreadable { seq, reason: error.to_string() };
            let payload = std::str::from_utf8(&body.payload).map_err(unreadable)?;
            (format!("\"{}\"", HEXLOWER.encode(&body.salt)), payload)
        }
    };
    Ok(format!("{{\"seq\":{seq},\"link\":\"{link}\",\"payload_hash\":\"{hash}\",\"salt\":{salt}{EVENT}{event}}}\n"))
}

/// The last line.
///
/// # Errors
/// When the head is no JSON.
pub fn checkpoint_line(key: &SecretKey, head: &Head) -> Result<String, AuditError> {
    let sealed = checkpoint::sealed(key, head)?;
    let (head, mac) = sealed.trim_end().split_once('\n').unwrap_or_default();
    Ok(format!("{{\"checkpoint\":{head},\"mac\":\"{mac}\"}}\n"))
}

/// Verifies an export line by line. With the log's key the checkpoint's MAC is checked too.
///
/// # Errors
/// When `lines` cannot be read.
pub fn verify(lines: impl BufRead, key: Option<&SecretKey>) -> Result<Report, AuditError> {
    let mut import = Import { lines, key, number: 0, head: Found::Nothing, failed: None };
    let report = verify::Walker::default().walk(&mut import);
    match import.failed {
        Some(error) => Err(error.into()),
        None => {
            let own = if matches!(import.head, Found::Nothing) {
                Found::Foreign("the export has no checkpoint line: its end is cut off".to_owned())
            } else {
                import.head
            };
            Ok(report.conclude(&Known { own, elsewhere: Found::Nothing }))
        }
    }
}

/// Records of an export, with the checkpoint put by.
struct Import<'a, R> {
    lines: R,
    key: Option<&'a SecretKey>,
    number: u64,
    head: Found,
    failed: Option<std::io::Error>,
}

impl<R: BufRead> Iterator for Import<'_, R> {
    type Item = Result<(u64, Record), Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match read_line(&mut self.lines) {
                Ok(line) => line?,
                Err(error) => {
                    self.failed = Some(error);
                    return None;
                }
            };
            self.number += 1;
            if line.trim().is_empty() || self.take_checkpoint(&line) {
                continue;
            }
            let unreadable = || Fault::Unreadable { place: format!("line {}", self.number) };
            return Some(parse(&line).ok_or_else(unreadable));
        }
    }
}

impl<R> Import<'_, R> {
    /// Whether the line was the checkpoint.
    fn take_checkpoint(&mut self, line: &str) -> bool {
        let Some(rest) = line.strip_prefix("{\"checkpoint\":") else { return false };
        let cut = rest.trim_end().strip_suffix("\"}").and_then(|rest| rest.split_once(",\"mac\":\""));
        let Some((head, mac)) = cut else {
            self.head = Found::Foreign("the export's checkpoint cannot be read".to_owned());
            return true;
        };
        self.head = match self.key {
            Some(key) => checkpoint::unseal(key, format!("{head}\n{mac}\n").as_bytes(), "checkpoint of the export"),
            None => serde_json::from_str(head).map_or_else(|error| Found::Foreign(error.to_string()), Found::Head),
        };
        true
    }
}

fn read_line(lines: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let limit = u64::try_from(LINE_MAX).unwrap_or(u64::MAX);
    let read = std::io::Read::take(&mut *lines, limit).read_until(b'\n', &mut line)?;
    if read == LINE_MAX {
        return Err(std::io::Error::other(format!("a line is longer than {LINE_MAX} bytes: this is no export")));
    }
    Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
}

fn parse(line: &str) -> Option<(u64, Record)> {
    #[derive(Deserialize)]
    struct Frame {
        seq: u64,
        link: String,
        payload_hash: String,
        salt: Option<String>,
    }
    let (frame, rest) = line.split_once(EVENT)?;
    let frame: Frame = serde_json::from_str(&format!("{frame}}}")).ok()?;
    let payload = rest.trim_end().strip_suffix('}')?;
    let body = match frame.salt {
        None => None,
        Some(salt) => Some(Body { salt: fixed(&salt)?, payload: payload.as_bytes().to_vec() }),
    };
    Some((frame.seq, Record { link: fixed(&frame.link)?, payload_hash: fixed(&frame.payload_hash)?, body }))
}

fn fixed<const N: usize>(hex: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(hex.as_bytes()).ok()?.try_into().ok()
}
