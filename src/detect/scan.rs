//! One search of one text: from the prefilter's hits to judged claims. Does not resolve overlaps, and does not know
//! whether the text is the original or a normalised view of it.

use super::{
    Finding, allow,
    context::{Marks, Near},
    entropy,
    matcher::{Begin, LimitHit, Matched, to_characters},
    overlap::Claim,
    prefilter::{Hit, Hits, Prefilter, RuleIndex, after_anchor, left_holds},
    proof::Proof,
    rule::{ContextRole, Reach, Rule},
    track::Track,
    validate::{Judgement, Subject},
};
use std::ops::Range;

/// Matches of one rule taken from one window at most.
const MATCHES_A_WINDOW: usize = 8;
/// Window bytes that failed tries may cost, for each byte of text. Ordinary text costs less than 4.
const FAILED_BYTES_A_BYTE: usize = 64;
/// … and this much whatever the text's length.
const FAILED_BYTES_FREE: usize = 1 << 20;
/// Highest confidence of a finding: nothing is certain.
const CERTAIN: f32 = 0.99;

/// How much one scan did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Places where a rule was worth trying.
    pub(crate) hits: usize,
    /// Patterns tried.
    pub(crate) tries: usize,
    /// Bytes in the windows of tries that failed.
    pub(crate) failed_bytes: usize,
}

/// A search over a text and its views, with one budget for all of them.
pub(super) struct Pass<'a> {
    rules: &'a [Rule],
    prefilter: &'a Prefilter,
    failed_max: usize,
    work: Work,
    unreadable: bool,
}

/// One text within a pass.
struct Page<'t> {
    text: &'t str,
    marks: Marks,
    claims: Vec<(RuleIndex, Claim)>,
    track: Track,
}

impl<'a> Pass<'a> {
    pub(super) fn new(rules: &'a [Rule], prefilter: &'a Prefilter, length: usize) -> Self {
        let failed_max = length.saturating_mul(FAILED_BYTES_A_BYTE).saturating_add(FAILED_BYTES_FREE);
        Self { rules, prefilter, failed_max, work: Work::default(), unreadable: false }
    }

    /// Everything that rules which prove as much claim in this text, in the order of the rules.
    pub(super) fn claims(&mut self, text: &str, least: Proof) -> Vec<Claim> {
        let Hits { mut anchors, marks } = self.prefilter.run(text);
        self.work.hits += anchors.len();
        anchors.retain(|hit| self.is_worth(*hit, text, least));
        anchors.sort_by_key(|hit| (hit.start, hit.rule));
        let mut page = Page { text, marks, claims: Vec::new(), track: Track::new(self.rules.len()) };
        for hit in anchors {
            if let (Some(rule), false) = (self.rules.get(usize::from(hit.rule)), page.track.is_matched(hit)) {
                self.hit(rule, hit, &mut page);
            }
        }
        page.claims.sort_by_key(|(rule, _)| *rule);
        page.claims.into_iter().map(|(_, claim)| claim).collect()
    }

    /// Whether a bound was reached, and the work done.
    pub(super) fn finish(self) -> (bool, Work) {
        (self.unreadable, self.work)
    }

    /// Whether the rule proves enough, and may match here as far as the first bytes tell.
    fn is_worth(&self, hit: Hit, text: &str, least: Proof) -> bool {
        let rule = self.rules.get(usize::from(hit.rule)).filter(|_| self.prefilter.proof(hit.rule) >= least);
        rule.is_some_and(|rule| {
            let (window, begin) = window(rule, hit, text);
            (begin == Begin::Anywhere || may_match(rule, hit, &window, text.as_bytes()))
                && rule.surroundings.is_none_or(|hold| hold(text, hit.start..hit.end))
        })
    }

    fn hit(&mut self, rule: &Rule, hit: Hit, page: &mut Page<'_>) {
        if let Some(needed) = &rule.context
            && needed.role == ContextRole::Required
        {
            let around = hit.start..hit.end;
            let reach = needed.distance + after_anchor(rule);
            if page.marks.nearest(self.prefilter.sets(hit.rule), &around, reach).is_none() {
                return;
            }
        }
        if self.work.failed_bytes > self.failed_max {
            self.unreadable = true;
            return;
        }
        if page.track.is_failed(page.text, hit, rule.anchor.before(), rule.anchor.after) {
            return;
        }
        let (window, begin) = window(rule, hit, page.text);
        let n_claims = page.claims.len();
        self.try_window(rule, hit, window, begin, page);
        if page.claims.len() == n_claims {
            page.track.failed(hit);
        }
    }

    fn try_window(&mut self, rule: &Rule, hit: Hit, mut window: Range<usize>, begin: Begin, page: &mut Page<'_>) {
        for _ in 0..MATCHES_A_WINDOW {
            let Some(next) = self.try_once(rule, hit, &window, begin, page) else { return };
            if begin == Begin::Here || next >= window.end {
                return;
            }
            window.start = next;
        }
    }

    /// Tries the pattern once; returns where a further match in the same window may begin.
    fn try_once(
        &mut self,
        rule: &Rule,
        hit: Hit,
        window: &Range<usize>,
        begin: Begin,
        page: &mut Page<'_>,
    ) -> Option<usize> {
        self.work.tries += 1;
        let matched = match rule.matcher.find(page.text, window.clone(), begin) {
            Ok(Some(matched)) => matched,
            Ok(None) => {
                self.work.failed_bytes += cost(window, begin);
                return None;
            }
            Err(LimitHit) => {
                self.unreadable = true;
                return None;
            }
        };
        let Range { start, end } = matched.whole;
        if start >= hit.end.max(hit.start + 1) {
            return None;
        }
        let left = left_holds(page.text.as_bytes(), start, rule.anchor.left);
        let claim = if left && end > hit.start { self.judge(rule, hit.rule, &matched, page) } else { None };
        let Some(claim) = claim else {
            // A shorter or later match may still pass: go on one character further.
            return Some(to_characters(page.text, start..start + 1).end);
        };
        // A check that left out the end of the value leaves it to the next match.
        let found_end = claim.finding.hull().end;
        let end = if found_end < matched.value.end { found_end } else { end.max(found_end) };
        page.claims.push((hit.rule, claim));
        page.track.matched(hit.rule, start..end);
        Some(end.max(start + 1))
    }

    fn judge(&self, rule: &Rule, index: RuleIndex, matched: &Matched, page: &Page<'_>) -> Option<Claim> {
        let value = page.text.get(matched.value.clone()).filter(|value| !value.is_empty())?;
        let mut verdict = Weighing { confidence: rule.confidence, explained: false, reasons: Vec::new() };
        verdict.entropy(rule, value)?;
        let subject = Subject { value, text: page.text, range: matched.value.clone() };
        let range = verdict.validator(rule, &subject)?;
        let refused = allow::is_own_placeholder(page.text, &matched.value)
            || !rule.keeps_placeholders && allow::is_placeholder(value)
            || rule.allow.holds(value);
        if refused {
            return None;
        }
        let near = rule
            .context
            .as_ref()
            .and_then(|context| page.marks.nearest(self.prefilter.sets(index), &range, context.distance));
        verdict.context(rule, near, self.prefilter, &range)?;
        if !verdict.explained {
            verdict.reasons.insert(0, format!("form of {}", rule.title));
        }
        let finding = Finding {
            rule: rule.id.clone(),
            category: rule.category.clone(),
            ranges: vec![range],
            confidence: verdict.confidence.clamp(0.0, CERTAIN),
            reasons: verdict.reasons,
        };
        Some(Claim { finding, severity: rule.severity })
    }
}

/// Confidence and its reasons while checks are made; `None` from a check ends it.
struct Weighing {
    confidence: f32,
    /// The rule's check said in its own words what the value is.
    explained: bool,
    reasons: Vec<String>,
}

impl Weighing {
    fn entropy(&mut self, rule: &Rule, value: &str) -> Option<()> {
        let Some(least) = rule.entropy else { return Some(()) };
        let bits = entropy::shannon(value);
        if bits < least {
            return None;
        }
        self.reasons.push(format!("{bits:.1} bits of entropy a character"));
        Some(())
    }

    /// Where in the text the finding stands.
    fn validator(&mut self, rule: &Rule, subject: &Subject<'_>) -> Option<Range<usize>> {
        let whole = subject.range.clone();
        let Some((name, check)) = &rule.validator else { return Some(whole) };
        let judgement = check(subject);
        self.explained = judgement != Judgement::Holds;
        match judgement {
            Judgement::Holds => self.reasons.push(format!("check `{name}` holds")),
            Judgement::Fails => return None,
            Judgement::First { bytes, confidence, reason } => {
                self.confidence = confidence.unwrap_or(self.confidence);
                self.reasons.push(reason);
                return Some(whole.start..whole.end.min(whole.start + bytes));
            }
            Judgement::Stretch { range, confidence, reason } => {
                self.confidence = confidence;
                self.reasons.push(reason);
                return Some(to_characters(subject.text, range)).filter(|range| !range.is_empty());
            }
            Judgement::Scored { confidence, reason } => {
                self.confidence = confidence;
                self.reasons.push(reason);
            }
        }
        Some(whole)
    }

    fn context(&mut self, rule: &Rule, near: Option<Near>, prefilter: &Prefilter, range: &Range<usize>) -> Option<()> {
        let Some(context) = &rule.context else { return Some(()) };
        match (context.role, near) {
            (ContextRole::Required, None) => return None,
            (ContextRole::Raises(_), None) => {}
            (ContextRole::Required, Some(near)) => self.reasons.push(near.reason(prefilter.word(&near.mark), range)),
            (ContextRole::Raises(by), Some(near)) => {
                self.confidence += by;
                self.reasons.push(near.reason(prefilter.word(&near.mark), range));
            }
        }
        Some(())
    }
}

/// Windows up to this long are left early by nearly every failing anchored try.
const SHORT: usize = 1 << 10;

/// Bytes that a failed try may have read. A try that must begin at the anchor stops at the first byte that does not fit.
fn cost(window: &Range<usize>, begin: Begin) -> usize {
    match begin {
        Begin::Here if window.len() <= SHORT => window.len() / 8,
        Begin::Here | Begin::Anywhere => window.len(),
    }
}

/// Whether a pattern that begins where the window does is worth a try: what stands before, and the first bytes.
fn may_match(rule: &Rule, hit: Hit, window: &Range<usize>, bytes: &[u8]) -> bool {
    let start = window.start;
    let walks = matches!(rule.anchor.reach, Reach::Back { .. });
    if walks && (start == hit.start || !left_holds(bytes, start, rule.anchor.left)) {
        return false;
    }
    let begin = bytes.get(start..).unwrap_or_default();
    let shapes = &rule.anchor.shapes;
    (shapes.is_empty() || shapes.iter().any(|shape| shape.fits(begin)))
        && rule.opening.is_none_or(|opens| opens(begin))
        && bytes.get(window.clone()).is_some_and(|seen| rule.matcher.may_begin(seen))
}

/// The bytes a rule may look at for this hit, and how.
fn window(rule: &Rule, hit: Hit, text: &str) -> (Range<usize>, Begin) {
    let end = hit.end.saturating_add(rule.anchor.after).min(text.len());
    match &rule.anchor.reach {
        Reach::AtAnchor => (hit.start..end, Begin::Here),
        Reach::Back { bytes, limit } => {
            let before = text.as_bytes().get(..hit.start).unwrap_or_default();
            let walked = before.iter().rev().take(*limit).take_while(|byte| bytes[usize::from(**byte)]).count();
            (hit.start - walked..end, Begin::Here)
        }
        Reach::Before(before) => (hit.start.saturating_sub(*before)..end, Begin::Anywhere),
    }
}
