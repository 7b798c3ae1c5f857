//! Fits a conversation into a model's context: drops the oldest turns whole until the rest fits. Pure; asks nobody.

use serde_json::{Value, json};

use crate::site::{Speaker, Turn};

/// Bytes a token has at least: code and non-Latin scripts have about three, English four.
const BYTES_PER_TOKEN: usize = 3;
/// Tokens that a chat template puts around each turn, at most.
const PER_TURN: usize = 8;
/// Tokens kept free for the template itself.
const OVERHEAD: usize = 32;

/// Which turns are sent.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    instructions: Vec<&'a Turn>,
    turns: Vec<&'a Turn>,
    /// Turns that were left out.
    pub(super) dropped: usize,
    /// Tokens that the answer may have.
    pub(super) max_tokens: u32,
    /// Instructions go into the first turn: some templates know no system turn.
    folded: bool,
}

impl<'a> Plan<'a> {
    /// `n_ctx`: tokens of question and answer together, when known.
    pub(super) fn new(turns: &'a [Turn], n_ctx: Option<u32>, max_tokens: u32) -> Self {
        let (instructions, turns) = turns.iter().partition(|turn| turn.speaker == Speaker::System);
        let mut plan = Self { instructions, turns, dropped: 0, max_tokens, folded: false };
        if let Some(n_ctx) = n_ctx {
            plan.fit(usize::try_from(n_ctx).unwrap_or(usize::MAX));
        }
        plan
    }

    /// Upper bound of the question's tokens.
    pub(super) fn tokens(&self) -> usize {
        OVERHEAD + self.instructions.iter().chain(&self.turns).map(|turn| cost(turn)).sum::<usize>()
    }

    /// Bytes of the question's text.
    pub(super) fn bytes(&self) -> usize {
        self.instructions.iter().chain(&self.turns).map(|turn| turn.text.len()).sum()
    }

    /// The server counted `n_prompt` tokens where `n_ctx` fit: drops more. False when nothing is left to drop.
    pub(super) fn shrink(&mut self, counted: Option<(usize, usize)>) -> bool {
        let now = self.tokens();
        let goal = match counted {
            // A tenth less than the server's numbers say: turns differ in bytes per token.
            Some((n_prompt, n_ctx)) if n_prompt > 0 => now.saturating_mul(n_ctx) / n_prompt * 9 / 10,
            Some(_) | None => now / 2,
        };
        let before = self.dropped;
        self.drop_oldest(goal.min(now.saturating_sub(1)));
        self.dropped > before
    }

    /// Puts instructions into the first turn. False when there are none, or it has been done.
    pub(super) fn fold(&mut self) -> bool {
        let folds = !self.folded && !self.instructions.is_empty();
        self.folded |= folds;
        folds
    }

    /// The turns as both protocols write them. Neighbours of one speaker become one: templates want them to alternate.
    pub(super) fn messages(&self) -> Value {
        let mut joined: Vec<(Speaker, String)> = Vec::new();
        for turn in self.instructions.iter().chain(&self.turns) {
            let speaker = if self.folded && turn.speaker == Speaker::System { Speaker::User } else { turn.speaker };
            match joined.last_mut() {
                Some((last, text)) if *last == speaker => {
                    text.push_str("\n\n");
                    text.push_str(&turn.text);
                }
                Some(_) | None => joined.push((speaker, turn.text.clone())),
            }
        }
        joined.into_iter().map(|(speaker, text)| json!({ "role": role(speaker), "content": text })).collect()
    }

    fn fit(&mut self, n_ctx: usize) {
        let wanted = usize::try_from(self.max_tokens).unwrap_or(usize::MAX);
        let reserved = wanted.min(n_ctx / 4).max(1);
        self.drop_oldest(n_ctx.saturating_sub(reserved));
        let free = n_ctx.saturating_sub(self.tokens()).max(reserved).min(wanted);
        self.max_tokens = u32::try_from(free).unwrap_or(u32::MAX);
    }

    /// Drops turns from the oldest on until at most `goal` tokens are left, but never the last one. What is left begins
    /// with the user.
    fn drop_oldest(&mut self, goal: usize) {
        let mut tokens = self.tokens();
        let mut dropped = 0;
        while dropped + 1 < self.turns.len() {
            let answers = |turn: &&Turn| turn.speaker == Speaker::Assistant;
            let Some(oldest) = self.turns.get(dropped) else { break };
            let dangling = dropped > 0 && answers(oldest);
            if tokens <= goal && !dangling {
                break;
            }
            tokens -= cost(oldest);
            dropped += 1;
        }
        self.turns.drain(..dropped);
        self.dropped += dropped;
    }
}

fn cost(turn: &Turn) -> usize {
    turn.text.len().div_ceil(BYTES_PER_TOKEN) + PER_TURN
}

fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(speaker: Speaker, bytes: usize) -> Turn {
        Turn { speaker, text: "x".repeat(bytes) }
    }

    fn talk() -> Vec<Turn> {
        use Speaker::{Assistant, System, User};
        vec![
            turn(System, 90),
            turn(User, 900),
            turn(Assistant, 900),
            turn(User, 900),
            turn(Assistant, 900),
            turn(User, 300),
        ]
    }

    #[test]
    fn a_short_conversation_is_sent_whole() {
        let talk = talk();
        let plan = Plan::new(&talk, Some(8192), 1024);
        assert_eq!((plan.dropped, plan.max_tokens), (0, 1024));
        assert_eq!(plan.messages().as_array().unwrap().len(), 6);
        assert_eq!(Plan::new(&talk, None, 77).dropped, 0);
    }

    #[test]
    fn the_oldest_turns_go_whole_and_instructions_stay() {
        let talk = talk();
        let plan = Plan::new(&talk, Some(1024), 1024);
        let messages = plan.messages();
        let roles: Vec<&str> = messages.as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
        assert_eq!(
            (plan.dropped, roles.as_slice()),
            (4, ["system", "user"].as_slice()),
            "one more than fits: it begins with the user"
        );
        assert!(plan.tokens() + usize::try_from(plan.max_tokens).unwrap() <= 1024);
        assert!(plan.max_tokens >= 256);
    }

    #[test]
    fn the_last_turn_stays_even_when_it_may_not_fit() {
        let talk = talk();
        let mut plan = Plan::new(&talk, Some(64), 1024);
        assert_eq!(plan.messages().as_array().unwrap().len(), 2);
        assert!(!plan.shrink(Some((200, 64))), "nothing is left to drop");
    }

    #[test]
    fn the_servers_own_count_makes_it_shrink() {
        let talk = talk();
        let mut plan = Plan::new(&talk, None, 100);
        assert!(plan.shrink(Some((2000, 1000))));
        assert!(plan.dropped >= 2);
        let mut plan = Plan::new(&talk, None, 100);
        assert!(plan.shrink(None));
    }

    #[test]
    fn instructions_can_go_into_the_first_turn_once() {
        let talk = talk();
        let mut plan = Plan::new(&talk, None, 100);
        assert!(plan.fold() && !plan.fold());
        assert_eq!(plan.messages()[0]["role"], "user");
        assert_eq!(plan.messages().as_array().unwrap().len(), 5);
    }
}
