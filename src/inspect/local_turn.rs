//! A turn that the company's own model answers, in the site's own format. Talks to no model itself: pieces come in,
//! bytes go out.

use crate::site::{Finish, Reply, Speaker, Turn, Writer};

/// One local answer in the making.
pub struct LocalTurn {
    /// What the model is to answer, oldest first: earlier local turns, then those of the request. Originals.
    pub turns: Vec<Turn>,
    /// Limit the client asked for.
    pub max_tokens: Option<u32>,
    writer: Box<dyn Writer>,
    reason: String,
    answer: String,
}

/// What the conversation's ledger must hold after a local turn.
pub struct Remembered {
    /// The conversation's id as the client names it; `None` when the API keeps no state.
    pub conversation: Option<String>,
    /// All its turns so far.
    pub turns: Vec<Turn>,
}

impl LocalTurn {
    /// `reason` completes the sentence "…, because".
    #[must_use]
    pub fn new(turns: Vec<Turn>, max_tokens: Option<u32>, writer: Box<dyn Writer>, reason: String) -> Self {
        Self { turns, max_tokens, writer, reason, answer: String::new() }
    }

    /// Status and headers of the response.
    #[must_use]
    pub fn head(&self) -> Reply {
        self.writer.head()
    }

    /// The start of the answer: one line that says who answers and why.
    pub fn begin(&mut self, model: &str, out: &mut Vec<u8>) {
        self.writer.begin(out);
        let line = format!("_Answered by a local model ({model}) inside the company, because {}._\n\n", self.reason);
        self.writer.text(&line, out);
    }

    /// A piece of the model's answer.
    pub fn piece(&mut self, text: &str, out: &mut Vec<u8>) {
        self.answer.push_str(text);
        self.writer.text(text, out);
    }

    /// Something that keeps the client waiting while the model thinks.
    pub fn keepalive(&mut self, out: &mut Vec<u8>) {
        self.writer.keepalive(out);
    }

    /// The model broke off: says so, and ends the answer in the site's own way.
    pub fn fail(&mut self, what: &str, out: &mut Vec<u8>) {
        self.writer.text(&format!("\n\n_The local model broke off: {what}._"), out);
        self.writer.finish(Finish::Stop, out);
    }

    /// The regular end.
    pub fn finish(&mut self, finish: Finish, out: &mut Vec<u8>) {
        self.writer.finish(finish, out);
    }

    /// What to remember, so that the next turn works.
    #[must_use]
    pub fn remembered(self) -> Remembered {
        let conversation = self.writer.conversation();
        let mut turns = self.turns;
        turns.push(Turn { speaker: Speaker::Assistant, text: self.answer });
        Remembered { conversation, turns }
    }
}
