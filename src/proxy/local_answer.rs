//! A prompt that the company's own model answers, in the site's format, as it comes. Never sends anything upstream, also
//! not when the model fails.

use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, Interval, MissedTickBehavior, interval_at, timeout},
};

use super::{
    body::Answer,
    exchange::{self, Moment},
    visit::Visit,
};
use crate::{
    inspect::{Exchange, LocalTurn},
    local::{Answering, LocalError, LocalPrompt, Piece},
    site::Finish,
};

/// Pieces that may wait for a slow client.
const PIECES: usize = 32;

/// Between two signs of life while the model thinks: browsers and proxies on the way give up after 30–60 s.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// How long a failure may take to be told as the site's own error. After that the answer has begun, and can only break off.
const PATIENCE: Duration = Duration::from_secs(20);

/// Begins the answer. The rest is written while the client reads.
pub(super) async fn run(visit: &Visit, exchange: Exchange, moment: Moment, turn: LocalTurn) -> Response<Answer> {
    let (pieces, received) = mpsc::channel(PIECES);
    let (began, begins) = oneshot::channel();
    let mut response = exchange::own(turn.head());
    *response.body_mut() = Answer::written(received);
    let telling = Telling { visit: visit.clone(), family: exchange.scope_family().to_owned(), pieces };
    tokio::spawn(telling.tell(turn, began));
    match timeout(PATIENCE, begins).await {
        Ok(Ok(Err(error))) => {
            exchange::refusal(&exchange, moment, &format!("the local model does not answer: {error}"))
        }
        Ok(Ok(Ok(())) | Err(_)) | Err(_) => response,
    }
}

/// Tells `run` whether the model answers, while it still listens.
type Began = oneshot::Sender<Result<(), LocalError>>;

struct Telling {
    visit: Visit,
    family: String,
    pieces: mpsc::Sender<Bytes>,
}

/// The client has gone.
struct Gone;

impl Telling {
    async fn tell(self, mut turn: LocalTurn, began: Began) {
        let mut out = Vec::new();
        let answering = match self.first_word(&mut turn, &mut out).await {
            Ok(answering) => answering,
            Err(Gone) => return,
        };
        let mut answering = match answering {
            Ok(answering) => answering,
            Err(error) => return self.failed(turn, error, began).await,
        };
        // Nobody listens any more when the answer has begun already.
        let _told = began.send(Ok(()));
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

    /// Waits for the model, with signs of life to the client.
    async fn first_word(&self, turn: &mut LocalTurn, out: &mut Vec<u8>) -> Result<Result<Answering, LocalError>, Gone> {
        let prompt = LocalPrompt { turns: turn.turns.clone(), max_tokens: turn.max_tokens };
        let local = &self.visit.client.services.local;
        let mut answering = std::pin::pin!(local.answer(prompt));
        let mut alive = ticks();
        loop {
            tokio::select! {
                answering = &mut answering => return Ok(answering),
                () = self.pieces.closed() => return Err(Gone),
                _tick = alive.tick() => turn.keepalive(out),
            }
            self.send(out).await?;
        }
    }

    /// As an error of the site while that is possible, else inside the answer that has begun.
    async fn failed(&self, mut turn: LocalTurn, error: LocalError, began: Began) {
        let Err(Err(error)) = began.send(Err(error)) else { return };
        let mut out = Vec::new();
        turn.begin("a local model", &mut out);
        turn.fail(&error.to_string(), &mut out);
        if self.send(&mut out).await.is_err() {
            tracing::debug!("the client left before a local answer began");
        }
    }

    /// Everything but the end, which is left in `out`.
    async fn pieces(&self, turn: &mut LocalTurn, answering: &mut Answering, out: &mut Vec<u8>) -> Result<(), Gone> {
        let mut alive = ticks();
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

fn ticks() -> Interval {
    let mut ticks = interval_at(Instant::now() + KEEPALIVE, KEEPALIVE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
