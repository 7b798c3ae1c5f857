//! The decision on one request: scan → judge → mask, reroute, refuse or let pass. A value that lives for one call.

use crate::{
    mask::Names,
    policy::{Mode, Verdict},
    site::{Class, Head, Part, Prompt, Reply, Role, Turn, chain},
};

use super::{
    answer::Told,
    exchange::{Action, Exchange, Known, reference},
    local_turn::LocalTurn,
    masking::{self, Entries, Replacement},
    refusal::{self, Cause},
    report::{self, Report},
    scan::{Depth, Located, scan},
    verdict::{Circumstances, Judgement, Place, judge},
    words,
};

/// Masking one value can bring another to light (a name beside a masked name). More rounds than this mean that
/// something is wrong: the request counts as unreadable.
const ROUNDS: usize = 4;

/// Headers that describe the bytes of a body: wrong once it is masked.
const BODY_HEADERS: &[&str] = &["content-encoding", "digest", "content-digest", "content-md5", "repr-digest"];

/// Headers in which the site's own key belongs, even when the person once pasted it into a prompt.
const CREDENTIAL_HEADERS: &[&str] = &["authorization", "x-api-key", "api-key", "x-goog-api-key"];

/// One decision in the making.
pub(super) struct Deciding<'a> {
    exchange: &'a Exchange,
    names: Names,
    local_turns: Option<Vec<Turn>>,
    local_available: bool,
    seed: [u8; 16],
    now: u64,
    persist: Entries,
    unreadable: Option<String>,
}

/// What came of it.
pub(super) struct Decided {
    pub(super) action: Action,
    pub(super) persist: Entries,
    pub(super) report: Report,
    pub(super) names: Names,
    pub(super) told: Option<Told>,
    /// The answer if the site says that it knows no such conversation.
    pub(super) instead: Option<Reply>,
}

/// A request whose findings could not all be masked.
struct StillFound;

impl<'a> Deciding<'a> {
    pub(super) fn new(exchange: &'a Exchange, known: Known) -> Self {
        let Known { names, local_turns, local_available, seed, now } = known;
        let unreadable = exchange.unreadable.as_ref().map(ToString::to_string);
        Self { exchange, names, local_turns, local_available, seed, now, persist: Entries::new(), unreadable }
    }

    pub(super) fn run(mut self) -> Decided {
        let exchange = self.exchange;
        let settings = &exchange.inspector.settings;
        let detector = &exchange.inspector.detector;
        let scanned = scan(detector, exchange.depth(), &exchange.prompt, &self.names, settings.min_confidence);
        if scanned.gave_up && self.unreadable.is_none() {
            self.unreadable = Some("a pattern gave up on its text".to_owned());
        }
        let located = scanned.located;
        let around = self.circumstances();
        let mut judgement = self.judge(&located, around);
        let returned = masking::swept(&exchange.prompt, &self.names, &[]).len();
        let masks = settings.mode == Mode::Enforce && judgement.enforced <= Verdict::Mask;
        if returned > 0 && masks {
            judgement.decided = judgement.decided.max(Verdict::Mask);
            judgement.enforced = Verdict::Mask;
        }
        let local = self.read_out();
        let titled = local.is_some() && exchange.endpoint.class == Class::Side;
        if titled {
            (judgement.decided, judgement.enforced) = (Verdict::Reroute, Verdict::Reroute);
        }
        let mut report = self.report(&judgement, &located, returned);
        report.skipped = scanned.skipped.map(|why| why.to_string());
        let action = match judgement.enforced {
            Verdict::Allow => Action::Forward { head: self.towards_site(exchange.head.clone()), body: None },
            Verdict::Mask => match self.mask(&located, &judgement) {
                Ok(action) => action,
                Err(StillFound) => {
                    report.enforced = Verdict::Block;
                    report.unreadable = Some("not everything found could be masked".to_owned());
                    let cause = Cause::Unreadable("not everything found could be masked".to_owned());
                    self.refuse(&cause, &located, &judgement)
                }
            },
            Verdict::Reroute => match local.clone().filter(|_| titled) {
                Some(title) => Action::Reply(title),
                None => self.reroute(&located, &judgement),
            },
            Verdict::Block => self.refuse(&self.cause(around), &located, &judgement),
        };
        let told = self.told(&judgement, &located, report.enforced);
        let instead = local.filter(|_| exchange.endpoint.class == Class::History);
        Decided { action, persist: self.persist, report, names: self.names, told, instead }
    }

    fn circumstances(&self) -> Circumstances {
        let exchange = self.exchange;
        let class = exchange.endpoint.class;
        let asks = match class {
            Class::Prompt | Class::Draft | Class::Side | Class::Upload => true,
            // A path may be written in a way that hides which endpoint it is.
            Class::History | Class::Other => exchange.raw_bytes > 0,
            Class::Telemetry | Class::Account => false,
        };
        Circumstances {
            sticky: self.local_turns.is_some() && matches!(class, Class::Prompt | Class::Side),
            cornered: self.cornered(),
            unreadable: self.unreadable.is_some() && asks && !exchange.inspector.settings.pass_unreadable,
            local_available: self.local_available,
            local_possible: class == Class::Prompt && !exchange.conversation.turns.is_empty(),
        }
    }

    /// A live original where no edit is possible: an opaque or media string, a header, the path; or anywhere in a body
    /// that could not be read.
    fn cornered(&self) -> bool {
        let exchange = self.exchange;
        if exchange.endpoint.class == Class::Account || self.names.is_empty() {
            return false;
        }
        let in_spans = exchange.prompt.spans.iter().any(|span| {
            let editable = span.role == Role::Text && !matches!(span.part, Part::Header(_));
            !editable && self.names.sweep_bytes(span.text.as_bytes())
        });
        let in_headers = exchange
            .head
            .headers
            .iter()
            .filter(|(name, _)| !CREDENTIAL_HEADERS.contains(&name.as_str()))
            .any(|(_, value)| self.names.sweep_bytes(value));
        let unread = exchange.unreadable.is_some() && self.names.sweep_bytes(&exchange.body);
        in_spans || in_headers || unread
    }

    fn judge(&self, located: &[Located], around: Circumstances) -> Judgement {
        let exchange = self.exchange;
        let inspector = &exchange.inspector;
        judge(&inspector.policies, inspector.settings.mode, self.place(), &exchange.prompt, located, around)
    }

    fn report(&self, judgement: &Judgement, located: &[Located], returned: usize) -> Report {
        let exchange = self.exchange;
        let settings = &exchange.inspector.settings;
        Report {
            reference: reference(self.seed),
            site: exchange.site.id.clone(),
            endpoint: exchange.endpoint.id.clone(),
            class: exchange.endpoint.class,
            mode: settings.mode,
            decided: judgement.decided,
            enforced: judgement.enforced,
            policies: judgement.policies.clone(),
            findings: report::grouped(&exchange.prompt, located, settings.previews),
            unreadable: self.unreadable.clone(),
            skipped: None,
            returned,
            body_bytes: exchange.raw_bytes,
        }
    }

    /// What this request would read, or have named, of a conversation with local turns. The site is asked first for
    /// what it may know; only for a name is it not, because the turns would have to be told to it.
    fn read_out(&self) -> Option<Reply> {
        let exchange = self.exchange;
        let (turns, id) = (self.local_turns.as_ref()?, exchange.conversation.id.as_deref()?);
        match exchange.endpoint.class {
            Class::History | Class::Side => exchange.endpoint.answer.history(&exchange.head, id, turns, self.now),
            Class::Prompt | Class::Draft | Class::Upload | Class::Telemetry | Class::Account | Class::Other => None,
        }
    }

    fn mask(&mut self, located: &[Located], judgement: &Judgement) -> Result<Action, StillFound> {
        let exchange = self.exchange;
        let inspector = &exchange.inspector;
        let settings = &inspector.settings;
        let mut replacements = masking::name_findings(
            settings,
            &exchange.prompt,
            located,
            &judgement.each,
            &mut self.names,
            &mut self.persist,
        );
        replacements.extend(masking::swept(&exchange.prompt, &self.names, &replacements));
        let mut masked = masking::apply(&exchange.head, &exchange.body, &exchange.prompt, &replacements);
        for _ in 0..ROUNDS {
            let body = masked.body.as_deref().unwrap_or(&exchange.body);
            let Ok(prompt) = chain::read(&exchange.site, &exchange.endpoint, &masked.head, body, &settings.limits)
            else {
                return Err(StillFound);
            };
            let again = scan(&inspector.detector, Depth::Rules, &prompt, &self.names, settings.min_confidence).located;
            let verdicts = self.judge_masked(&prompt, &again);
            let mut more: Vec<Replacement> =
                masking::name_findings(settings, &prompt, &again, &verdicts, &mut self.names, &mut self.persist);
            if more.is_empty() {
                return Ok(self.forward(masked));
            }
            more.extend(masking::swept(&prompt, &self.names, &more));
            let next = masking::apply(&masked.head, body, &prompt, &more);
            masked = masking::Masked { head: next.head, body: next.body.or(masked.body) };
        }
        Err(StillFound)
    }

    /// Who asks where: the same in every round.
    fn place(&self) -> Place<'a> {
        let exchange = self.exchange;
        Place { subject: &exchange.subject, site: &exchange.site.id, class: exchange.endpoint.class }
    }

    fn judge_masked(&self, prompt: &Prompt, located: &[Located]) -> Vec<Verdict> {
        judge(&self.exchange.inspector.policies, Mode::Enforce, self.place(), prompt, located, Circumstances::default())
            .each
    }

    fn forward(&self, masked: masking::Masked) -> Action {
        let mut head = self.towards_site(masked.head);
        let body = match masked.body {
            None if !self.exchange.converted => None,
            changed => {
                head.headers.retain(|(name, _)| !BODY_HEADERS.contains(&name.as_str()));
                if self.exchange.converted {
                    say_utf8(&mut head);
                }
                Some(changed.unwrap_or_else(|| self.exchange.body.clone()))
            }
        };
        Action::Forward { head, body }
    }

    /// Answers that will be restored are asked for uncompressed.
    fn towards_site(&self, mut head: Head) -> Head {
        let restores = !self.names.is_empty() && self.exchange.endpoint.class != Class::Account;
        if restores {
            for (name, value) in &mut head.headers {
                if name == "accept-encoding" {
                    *value = b"identity".to_vec();
                } else if let Some(replacement) = self.exchange.site.replace_headers.get(name) {
                    *value = replacement.clone().into_bytes();
                }
            }
        }
        head
    }

    fn reroute(&self, located: &[Located], judgement: &Judgement) -> Action {
        let exchange = self.exchange;
        let mut turns = self.local_turns.clone().unwrap_or_default();
        turns.extend(exchange.conversation.turns.iter().cloned());
        let strict: Vec<Located> = located
            .iter()
            .zip(&judgement.each)
            .filter(|(_, each)| **each >= Verdict::Reroute)
            .map(|(found, _)| found.clone())
            .collect();
        let reason = if strict.is_empty() {
            "earlier turns of this conversation were answered here".to_owned()
        } else {
            format!("your message contains {}{}", words::listed(&report::counts(&strict)), words::sources(&strict))
        };
        let writer = exchange.endpoint.answer.writer(&exchange.head, &exchange.body, self.seed, self.now);
        Action::Local(Box::new(LocalTurn::new(turns, exchange.conversation.max_tokens, writer, reason)))
    }

    fn cause(&self, around: Circumstances) -> Cause {
        match &self.unreadable {
            Some(why) if around.unreadable => Cause::Unreadable(why.clone()),
            _ if around.cornered => Cause::Cornered,
            _ if around.sticky => Cause::Sticky,
            _ => Cause::Found,
        }
    }

    fn refuse(&mut self, cause: &Cause, located: &[Located], judgement: &Judgement) -> Action {
        let exchange = self.exchange;
        let inspector = &exchange.inspector;
        let reference = reference(self.seed);
        let message = refusal::message(&inspector.settings, cause, &exchange.prompt, located, judgement, &reference);
        let copy = match cause {
            Cause::Found => refusal::masked_copy(inspector, &exchange.conversation, &mut self.names, &mut self.persist),
            Cause::Sticky | Cause::Cornered | Cause::Unreadable(_) => String::new(),
        };
        Action::Reply(exchange.shape(self.seed, self.now).reply(&message, &copy))
    }

    /// What the answer tells the person.
    fn told(&self, judgement: &Judgement, located: &[Located], enforced: Verdict) -> Option<Told> {
        let exchange = self.exchange;
        let settings = &exchange.inspector.settings;
        let wanted =
            exchange.endpoint.class == Class::Prompt && settings.notice_for(&exchange.site.id, exchange.site.notice);
        if !wanted {
            return None;
        }
        let acted: Vec<Located> = located
            .iter()
            .zip(&judgement.each)
            .filter(|(_, each)| **each != Verdict::Allow)
            .map(|(found, _)| found.clone())
            .collect();
        let counts = report::counts(&acted);
        let page = settings.employee_page.as_deref();
        match (settings.mode, enforced) {
            _ if counts.is_empty() => None,
            (Mode::Enforce, Verdict::Mask) => Some(Told(words::masked_notice(&counts, page))),
            (Mode::Warn, _) => Some(Told(words::warned_notice(&counts, page))),
            (Mode::Enforce | Mode::Observe, _) => None,
        }
    }
}

fn say_utf8(head: &mut Head) {
    for (name, value) in &mut head.headers {
        if name == "content-type" {
            let kept: Vec<&[u8]> = value
                .split(|byte| *byte == b';')
                .filter(|part| !part.trim_ascii().to_ascii_lowercase().starts_with(b"charset"))
                .collect();
            let mut said = kept.join(&b';');
            said.extend_from_slice(b"; charset=utf-8");
            *value = said;
        }
    }
}
