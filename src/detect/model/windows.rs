//! Long texts in windows that the network can read: overlapping, cut between words, each token kept from the window in
//! which it stands further from the border. Does not know what tokens mean.

use std::ops::Range;

use super::wordpiece::Token;

/// Tokens of one window, without the two marks. The network could take 510; short windows cost less a token (attention
/// is quadratic) and find more.
pub(super) const WINDOW: usize = 254;
/// Tokens that neighbours share: longer than any name or address.
pub(super) const OVERLAP: usize = 48;

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Window {
    /// Tokens that the network sees.
    pub(super) seen: Range<usize>,
    /// Those whose result counts. Over all windows, each token is in one.
    pub(super) kept: Range<usize>,
}

/// The windows of a text.
pub(super) fn plan(tokens: &[Token]) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let full = (start + WINDOW).min(tokens.len());
        let end = if full == tokens.len() { full } else { word_start(tokens, full, start + OVERLAP) };
        let kept_from = match windows.last_mut() {
            None => 0,
            Some(before) => {
                let middle = start.midpoint(before.seen.end);
                before.kept.end = word_start(tokens, middle, start);
                before.kept.end
            }
        };
        windows.push(Window { seen: start..end, kept: kept_from..end });
        if end == tokens.len() {
            break;
        }
        start = word_start(tokens, end.saturating_sub(OVERLAP), start + 1);
    }
    windows
}

/// The beginning of the word at `at`, but no earlier than `least`: a word may be longer than a window.
fn word_start(tokens: &[Token], at: usize, least: usize) -> usize {
    let word = |index: usize| tokens.get(index).map(|token| token.word);
    let mut start = at;
    while start > least && word(start) == word(start.wrapping_sub(1)) {
        start -= 1;
    }
    if start > least || word(start) != word(start.wrapping_sub(1)) { start.max(least) } else { at.max(least) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Tokens of words with these many pieces.
    fn tokens(words: &[usize]) -> Vec<Token> {
        let pieces = words.iter().enumerate().flat_map(|(word, n)| std::iter::repeat_n(word, *n));
        pieces.map(|word| Token { id: 0, range: 0..1, word, hidden: false }).collect()
    }

    #[test]
    fn a_short_text_is_one_window() {
        assert_eq!(plan(&[]), []);
        assert_eq!(plan(&tokens(&[1; WINDOW])), [Window { seen: 0..WINDOW, kept: 0..WINDOW }]);
    }

    #[test]
    fn neighbours_overlap_and_share_the_overlap_between_them() {
        let windows = plan(&tokens(&[1; WINDOW + 10]));
        let (start, middle) = (WINDOW - OVERLAP, WINDOW - OVERLAP / 2);
        assert_eq!(windows[0], Window { seen: 0..WINDOW, kept: 0..middle });
        assert_eq!(windows[1], Window { seen: start..WINDOW + 10, kept: middle..WINDOW + 10 });
    }

    #[test]
    fn a_word_longer_than_a_window_is_cut_somewhere() {
        let all = tokens(&[WINDOW * 3]);
        let windows = plan(&all);
        assert!(windows.iter().all(|window| window.seen.len() <= WINDOW) && windows.len() < 6, "{windows:?}");
    }

    proptest! {
        #[test]
        fn every_token_is_kept_once_and_words_are_whole(words in prop::collection::vec(1_usize..9, 0..400)) {
            let all = tokens(&words);
            let windows = plan(&all);
            let mut next = 0;
            for window in &windows {
                prop_assert!(window.seen.len() <= WINDOW);
                prop_assert_eq!(window.kept.start, next);
                prop_assert!(window.kept.start < window.kept.end);
                prop_assert!(window.seen.start <= window.kept.start && window.kept.end <= window.seen.end);
                for cut in [window.seen.start, window.kept.start, window.kept.end] {
                    let inside = cut > 0 && cut < all.len() && all[cut].word == all[cut - 1].word;
                    prop_assert!(!inside, "a word is cut at {cut}");
                }
                next = window.kept.end;
            }
            prop_assert_eq!(next, all.len());
        }
    }
}
