//! Which bytes a match of a pattern can begin with, position by position, read off its automaton: most tries end here,
//! before an engine is started. Says only what cannot match.

use regex_automata::{
    nfa::thompson::{NFA, State},
    util::{primitives::StateID, syntax},
};

/// Positions looked at. Later ones would say little more.
const POSITIONS_MAX: usize = 24;
/// States of an automaton that are followed at most; wider patterns are left to the engine from there on.
const STATES_MAX: usize = 4_000;

/// The bytes that each of the first positions of a match may hold. A match is at least as long.
#[derive(Debug, Default)]
pub(super) struct Prefix(Vec<ByteSet>);

/// One bit a byte value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }
}

impl Prefix {
    /// Reads the beginnings of a pattern. One that does not compile, or may match nothing, says nothing.
    pub(super) fn of(pattern: &str, syntax: syntax::Config, size_limit: usize) -> Self {
        let config = NFA::config().utf8(false).nfa_size_limit(Some(size_limit));
        NFA::compiler()
            .configure(config)
            .syntax(syntax)
            .build(pattern)
            .map_or_else(|_| Self::default(), |nfa| read(&nfa))
    }

    /// Whether a match may begin with these bytes: `false` is certain.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.0.len() && self.0.iter().zip(bytes).all(|(set, byte)| set.has(*byte))
    }
}

fn read(nfa: &NFA) -> Prefix {
    let mut sets = Vec::new();
    let mut states = vec![nfa.start_anchored()];
    let mut followed = 0;
    while sets.len() < POSITIONS_MAX {
        let Some(closed) = closure(nfa, &states) else { break };
        followed += closed.len();
        if followed > STATES_MAX {
            break;
        }
        let mut set = ByteSet::default();
        states.clear();
        closed.iter().for_each(|state| step(nfa.state(*state), &mut set, &mut states));
        states.sort_unstable();
        states.dedup();
        sets.push(set);
    }
    Prefix(sets)
}

/// All states reached without a byte, assertions taken to hold; `None` when a match is among them.
fn closure(nfa: &NFA, from: &[StateID]) -> Option<Vec<StateID>> {
    let mut seen = std::collections::HashSet::new();
    let mut open = from.to_vec();
    let mut closed = Vec::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match nfa.state(id) {
            State::Match { .. } => return None,
            State::Fail => {}
            State::Look { next, .. } | State::Capture { next, .. } => open.push(*next),
            State::Union { alternates } => open.extend(alternates.iter()),
            State::BinaryUnion { alt1, alt2 } => open.extend([alt1, alt2]),
            State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => closed.push(id),
        }
    }
    Some(closed)
}

/// The bytes a state takes, and where they lead.
fn step(state: &State, set: &mut ByteSet, next: &mut Vec<StateID>) {
    let mut add = |transition: &regex_automata::nfa::thompson::Transition| {
        (transition.start..=transition.end).for_each(|byte| set.add(byte));
        next.push(transition.next);
    };
    match state {
        State::ByteRange { trans } => add(trans),
        State::Sparse(sparse) => sparse.transitions.iter().for_each(add),
        State::Dense(dense) => {
            for (byte, target) in (0..=u8::MAX).zip(dense.transitions.iter()) {
                if *target != StateID::ZERO {
                    set.add(byte);
                    next.push(*target);
                }
            }
        }
        State::Look { .. }
        | State::Capture { .. }
        | State::Union { .. }
        | State::BinaryUnion { .. }
        | State::Fail
        | State::Match { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, fitting: &[&str], other: &[&str]) {
        let syntax = syntax::Config::new().unicode(false).utf8(false).ignore_whitespace(true);
        let prefix = Prefix::of(pattern, syntax, 1 << 20);
        for text in fitting {
            assert!(prefix.fits(text.as_bytes()), "{pattern} {text}");
        }
        for text in other {
            assert!(!prefix.fits(text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn what_cannot_begin_a_match_is_told() {
        check("sk- [a-z]{20}", &["sk-abcdefghijklmnopqrst"], &["sk-abc", "sk-abcdefghijklmnopqrs", "sk-1", "xk-"]);
        check("[0-9]{1,3} \\. [0-9]", &["1.1", "12.3", "123."], &["1", "1 1", "a.1", "1.a"]);
        check("\\b (?: ab | cd ) e?", &["ab", "cd"], &["xb", "a"]);
        check("(?u: \\p{L}+ ) x", &["éx", "ax"], &[" x", ""]);
    }

    #[test]
    fn a_pattern_that_may_match_nothing_says_nothing() {
        check("a*", &["", "b"], &[]);
        check("a(", &["", "b"], &[]);
    }
}
