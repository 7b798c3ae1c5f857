//! A prompt that the company's own model answers, in the site's format, as it comes. Never sends anything upstream, also
//! not when the model fails.

use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};

use super::{
    body::Answer,
    exchange::{self, Moment},
    visit::Visit,
};
use crate::{
    inspect::{Exchange, LocalTurn},
    local::{Answering, LocalPrompt, Piece},
    site::Finish,
};

/// Pieces that may wait for a slow client.
const PIECES: usize = 32;

/// Between two signs of life while the model thinks: browsers and proxies on the way give up after 30–60 s.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// Begins the answer. The rest is written while the client reads.
pub(super) async fn run(visit: &Visit, exchange: Exchange, moment: Moment, turn: LocalTurn) -> Response<Answer> {
    let prompt = LocalPrompt { turns: turn.turns.clone(), max_tokens: turn.max_tokens };
    let answering = match visit.client.services.local.answer(prompt).await {
        Ok(answering) => answering,
        Err(error) => {
            return exchange::refusal(&exchange, moment, &format!("the local model does not answer: {error}"));
        }
    };
    let (pieces, received) = mpsc::channel(PIECES);
    let mut response = exchange::own(turn.head());
    *response.body_mut() = Answer::written(received);
    let telling = Telling { visit: visit.clone(), family: exchange.scope_family().to_owned(), pieces };
    tokio::spawn(telling.tell(turn, answering));
    response
}

struct Telling {
    visit: Visit,
    family: String,
    pieces: mpsc::Sender<Bytes>,
}

/// The client has gone.
struct Gone;

impl Telling {
    async fn tell(self, mut turn: LocalTurn, mut answering: Answering) {
        let mut out = Vec::new();
        turn.begin(answering.model(), &mut out);
        if self.pieces(&mut turn, &mut answering, &mut out).await.is_err() {
            tracing::debug!("the client left before the local answer was complete");
            return;
        }
        self.remember(turn).await;
        // The last bytes come after the memory: a client that sees the end may ask its next question at once.
        if self.send(&mut out).await.is_err() {
            tracing::debug!("the client left before the end of a local answer");
        }
    }

    /// Everything but the end, which is left in `out`.
    async fn pieces(&self, turn: &mut LocalTurn, answering: &mut Answering, out: &mut Vec<u8>) -> Result<(), Gone> {
        let mut alive = interval(KEEPALIVE);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        alive.reset();
        loop {
            self.send(out).await?;
            let piece = tokio::select! {
                piece = answering.next() => piece,
                () = self.pieces.closed() => return Err(Gone),
                _tick = alive.tick() => {
                    turn.keepalive(out);
                    continue;
                }
            };
            match piece {
                Ok(Some(Piece::Text(text))) => turn.piece(&text, out),
                Ok(Some(Piece::End(finish))) => break turn.finish(finish, out),
                Ok(None) => break turn.finish(Finish::Stop, out),
                Err(error) => break turn.fail(&error.to_string(), out),
            }
        }
        Ok(())
    }

    async fn send(&self, out: &mut Vec<u8>) -> Result<(), Gone> {
        if out.is_empty() {
            return Ok(());
        }
        self.pieces.send(Bytes::from(std::mem::take(out))).await.map_err(|_| Gone)
    }

    async fn remember(&self, turn: LocalTurn) {
        let remembered = turn.remembered();
        let Some(conversation) = remembered.conversation else { return };
        let (vault, subject) = (&self.visit.client.services.vault, self.visit.subject.id());
        if let Err(error) = vault.remember(subject, &self.family, &conversation, remembered.turns).await {
            // The next turn will go to the site, which does not know this one; the person sees that at once.
            tracing::error!(%error, "a local turn could not be remembered");
        }
    }
}
