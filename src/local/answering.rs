//! One answer of a local model as it comes. Dropping it closes the connection, which stops the model.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::OwnedSemaphorePermit;

use super::{
    LocalError, ModelName,
    fit::Plan,
    http::Response,
    probe::Candidate,
    reading::{Reading, Said},
};
use crate::site::Finish;

/// Bytes of an answer that are passed on; what comes after is cut.
const ANSWER_MAX: usize = 1 << 20;
/// Longest time an answer may take in all.
const TOTAL: Duration = Duration::from_secs(15 * 60);
/// How long a server may take to close after its last word.
const CLOSING: Duration = Duration::from_secs(2);
/// A question is taken to have been cut when the server counts fewer tokens than one for this many bytes.
const BYTES_PER_TOKEN_MAX: u64 = 16;
/// Shorter questions are not judged.
const JUDGED_MIN_BYTES: usize = 4096;

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text to append.
    Text(String),
    /// The end, and why.
    End(Finish),
}

/// How long to wait.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    pub(super) asked: Instant,
    pub(super) first: Duration,
    pub(super) idle: Duration,
}

/// An answer being given.
pub struct Answering {
    response: Response,
    reading: Reading,
    candidate: Arc<Candidate>,
    model: String,
    pace: Pace,
    state: State,
    pieces: VecDeque<Piece>,
    /// When the model last said something; comments do not count.
    heard: Option<Instant>,
    text_bytes: usize,
    question_bytes: usize,
    counted: Option<u64>,
    dropped: usize,
    _slot: Option<OwnedSemaphorePermit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Speaking,
    /// The model has stopped; the stream may still say how many tokens there were.
    Finished(Finish),
    Ended,
}

impl std::fmt::Debug for Answering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answering({}, {} bytes)", self.model, self.text_bytes)
    }
}

impl Answering {
    pub(super) fn new(
        response: Response,
        reading: Reading,
        candidate: Arc<Candidate>,
        pace: Pace,
        plan: &Plan<'_>,
    ) -> Self {
        Self {
            response,
            reading,
            model: candidate.model.as_ref().map(ModelName::to_string).unwrap_or_default(),
            candidate,
            pace,
            state: State::Speaking,
            pieces: VecDeque::new(),
            heard: None,
            text_bytes: 0,
            question_bytes: plan.bytes(),
            counted: None,
            dropped: plan.dropped,
            _slot: None,
        }
    }

    /// Keeps a slot taken as long as the answer lives.
    pub(super) fn holding(mut self, slot: OwnedSemaphorePermit) -> Self {
        self._slot = Some(slot);
        self
    }

    /// Name of the model that answers.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Turns of the conversation that did not fit and were left out. The first piece says so in words.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The next piece; `None` after [`Piece::End`].
    ///
    /// # Errors
    /// When the server breaks off, is silent for too long, or turns out to have cut the question.
    pub async fn next(&mut self) -> Result<Option<Piece>, LocalError> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                return Ok(Some(piece));
            }
            if self.state == State::Ended {
                return Ok(None);
            }
            let read = self.read().await;
            if let Err(error) = read {
                self.state = State::Ended;
                if !error.leaves_health_alone() {
                    self.candidate.mark_failed();
                }
                return Err(error);
            }
        }
    }

    /// Waits for the first text and puts it back.
    pub(super) async fn first_word(&mut self) -> Result<(), LocalError> {
        match self.next().await? {
            Some(Piece::Text(text)) => {
                self.pieces.push_front(Piece::Text(text));
                if self.dropped > 0 {
                    self.pieces.push_front(Piece::Text(left_out(self.dropped)));
                }
                Ok(())
            }
            Some(Piece::End(_)) | None => Err(LocalError::Empty { model: self.model.clone() }),
        }
    }

    async fn read(&mut self) -> Result<(), LocalError> {
        let mut said = Vec::new();
        let chunk = self.response.chunk(self.patience()).await;
        let over = match chunk {
            Ok(Some(bytes)) => {
                self.reading.push(&bytes, &mut said)?;
                false
            }
            Ok(None) => {
                self.reading.finish(&mut said);
                true
            }
            // It has said all it had to say and only leaves the connection open.
            Err(_) if matches!(self.state, State::Finished(_)) => true,
            Err(error) => return Err(error),
        };
        for word in said {
            self.take(word)?;
        }
        if over || self.pace.asked.elapsed() > TOTAL {
            self.end()?;
        }
        Ok(())
    }

    /// How long the next bytes may take.
    fn patience(&self) -> Duration {
        if matches!(self.state, State::Finished(_)) {
            return CLOSING;
        }
        match self.heard {
            Some(heard) => self.pace.idle.saturating_sub(heard.elapsed()),
            None => self.pace.first.saturating_sub(self.pace.asked.elapsed()),
        }
    }

    fn take(&mut self, said: Said) -> Result<(), LocalError> {
        if self.state == State::Ended {
            return Ok(());
        }
        match said {
            Said::Text(text) => {
                self.heard = Some(Instant::now());
                self.text(text);
            }
            Said::Finished(finish) => self.state = State::Finished(finish),
            Said::Counted(tokens) => self.counted = Some(tokens),
            Said::Done => return self.end(),
            Said::Failed(kind) => return Err(LocalError::Broken { why: format!("the server reports `{kind}`") }),
        }
        Ok(())
    }

    fn text(&mut self, mut text: String) {
        let room = ANSWER_MAX - self.text_bytes;
        if text.len() > room {
            let cut = (0..=room).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            text.truncate(cut);
            self.state = State::Ended;
        }
        self.text_bytes += text.len();
        if !text.is_empty() {
            self.pieces.push_back(Piece::Text(text));
        }
        if self.state == State::Ended {
            self.pieces.push_back(Piece::End(Finish::Length));
        }
    }

    fn end(&mut self) -> Result<(), LocalError> {
        let finish = match self.state {
            State::Finished(finish) => finish,
            State::Speaking if self.pace.asked.elapsed() > TOTAL => Finish::Length,
            State::Speaking => Finish::Stop,
            State::Ended => return Ok(()),
        };
        if self.text_bytes == 0 {
            return Err(LocalError::Empty { model: self.model.clone() });
        }
        let cut = self.question_bytes >= JUDGED_MIN_BYTES
            && self.counted.is_some_and(|tokens| {
                tokens.saturating_mul(BYTES_PER_TOKEN_MAX) < u64::try_from(self.question_bytes).unwrap_or(u64::MAX)
            });
        if cut {
            return Err(LocalError::Truncated { model: self.model.clone() });
        }
        self.state = State::Ended;
        self.pieces.push_back(Piece::End(finish));
        Ok(())
    }
}

/// What the reader is told when the conversation did not fit.
fn left_out(turns: usize) -> String {
    let messages = if turns == 1 { "message".to_owned() } else { format!("{turns} messages") };
    format!("(The oldest {messages} of this conversation did not fit into the local model and were left out.)\n\n")
}
