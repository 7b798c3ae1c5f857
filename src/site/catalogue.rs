//! All sites that this Scrim knows, and the wider list of AI hosts: which host belongs to which site, and which
//! endpoint a request is for. Reads files that are handed in; opens none.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use toml::Spanned;

use super::{
    Answer, Class, Head, answer,
    endpoint::{Endpoint, Selectors, UrlPattern},
    host::{Host, HostPattern, is_below},
    path::Path,
    spec::{AiHostsFile, Codec, EndpointFile, Framing, OnRefuse, SiteFile, SpecError, Upgrade},
};
use crate::{rules, rules::Source};

/// What a host of a site is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostUse {
    /// Pages and their back end.
    Chat,
    /// Programs' interface.
    Api,
    /// Where files are put.
    Upload,
    /// Where analytics go.
    Telemetry,
}

/// A site that Scrim inspects.
#[derive(Debug, Clone)]
pub struct Site {
    /// Id in policies, settings and the log.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Placeholder scope, shared by sites of one vendor.
    pub family: String,
    /// A masked prompt's answer ends with a line that says so.
    pub notice: bool,
    /// Its hosts.
    pub hosts: Vec<(HostPattern, HostUse)>,
    /// Request headers to set to this value when the client sends them. Lower-case names.
    pub replace_headers: BTreeMap<String, String>,
    /// Path of the file that describes it.
    pub source: String,
    endpoints: Vec<Arc<Endpoint>>,
    unread: Arc<Endpoint>,
    other: Arc<Endpoint>,
    upload: Arc<Endpoint>,
    telemetry: Arc<Endpoint>,
}

impl Site {
    /// The described endpoints, in the order of the file.
    #[must_use]
    pub fn endpoints(&self) -> &[Arc<Endpoint>] {
        &self.endpoints
    }

    /// The endpoint for what no file describes: every string is walked.
    #[must_use]
    pub fn other(&self) -> &Arc<Endpoint> {
        &self.other
    }

    /// What a host of this site is there for; an exact name tells more than a wildcard.
    #[must_use]
    pub fn host_use(&self, host: &Host) -> Option<HostUse> {
        let exact = self.hosts.iter().find(|(pattern, _)| *pattern == HostPattern::Exact(host.clone()));
        let any = || self.hosts.iter().find(|(pattern, _)| pattern.matches(host));
        exact.or_else(any).map(|(_, host_use)| *host_use)
    }

    fn endpoint(&self, head: &Head) -> &Arc<Endpoint> {
        // Two servers may disagree on what such a path names, so it must not reach an endpoint that is read less.
        if has_disguise(&head.path) {
            return &self.other;
        }
        if self.unread.fits(head) {
            return &self.unread;
        }
        self.endpoints.iter().find(|endpoint| endpoint.fits(head)).unwrap_or_else(|| self.undescribed(head))
    }

    /// What a path that no endpoint names is, by its host.
    fn undescribed(&self, head: &Head) -> &Arc<Endpoint> {
        let host = head.header("host").or_else(|| head.header(":authority"));
        let host = host.and_then(|host| super::host::Authority::parse_or(host, 443).ok());
        let host_use = host.and_then(|authority| self.host_use(&authority.host));
        match host_use {
            Some(HostUse::Upload) => &self.upload,
            Some(HostUse::Telemetry) => &self.telemetry,
            Some(HostUse::Chat | HostUse::Api) | None => &self.other,
        }
    }
}

fn has_disguise(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    ["//", "/./", "/../", "%2f", "%2e", "%5c", "%25", "\\", ";"].iter().any(|part| lower.contains(part))
        || lower.ends_with("/..")
}

/// A host that serves an AI, whether or not a site file describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AiHost {
    /// The host, or all hosts below one.
    pub pattern: HostPattern,
    /// `chat`, `api`, `coding`, `image`, `voice`, `writing`, `upload`, or the id of the site that lists it.
    pub category: String,
}

/// Sites and AI hosts. Immutable; made anew on reload.
#[derive(Debug, Clone)]
pub struct Catalogue {
    sites: Vec<Arc<Site>>,
    ai_hosts: Vec<AiHost>,
    never_intercept: Vec<HostPattern>,
    disabled: BTreeSet<String>,
}

impl Catalogue {
    /// The sites and hosts compiled into the program.
    ///
    /// # Errors
    /// Never for a released program: a test compiles the same files.
    pub fn built_in() -> Result<Self, SpecError> {
        let ai_hosts = rules::file("ai-hosts.toml").unwrap_or(Source { path: String::new(), text: String::new() });
        Self::compile(&rules::built_in("sites"), &ai_hosts)
    }

    /// Compiles site files; a later file replaces an earlier one with the same id.
    ///
    /// # Errors
    /// The first thing that is wrong with a file, with its line.
    pub fn compile(sources: &[Source], ai_hosts: &Source) -> Result<Self, SpecError> {
        let mut sites: Vec<Arc<Site>> = Vec::new();
        for source in sources {
            let site = site(source)?;
            sites.retain(|other| other.id != site.id);
            sites.push(Arc::new(site));
        }
        let file = AiHostsFile::parse(ai_hosts)?;
        let never_intercept = patterns(ai_hosts, &file.never_intercept)?;
        let mut listed = Vec::new();
        for group in &file.groups {
            for pattern in patterns(ai_hosts, &group.hosts)? {
                listed.push(AiHost { pattern, category: group.category.clone() });
            }
        }
        let catalogue = Self { sites, ai_hosts: listed, never_intercept, disabled: BTreeSet::new() };
        Ok(catalogue.with_site_hosts())
    }

    /// The same without the sites of these ids: they are known as AI hosts, but nothing of them is read.
    #[must_use]
    pub fn with_disabled(mut self, ids: &[String]) -> Self {
        self.disabled = ids.iter().cloned().collect();
        self
    }

    /// Every AI host is listed once; those of the sites come first.
    fn with_site_hosts(mut self) -> Self {
        let of_sites = self.sites.iter().flat_map(|site| {
            site.hosts.iter().map(|(pattern, _)| AiHost { pattern: pattern.clone(), category: site.id.clone() })
        });
        let mut seen = BTreeSet::new();
        let all = of_sites.chain(self.ai_hosts.iter().cloned());
        self.ai_hosts = all.filter(|host| seen.insert(host.pattern.clone())).collect();
        self
    }

    /// All sites that are not disabled.
    pub fn sites(&self) -> impl Iterator<Item = &Arc<Site>> {
        self.sites.iter().filter(|site| !self.disabled.contains(&site.id))
    }

    /// All sites, the disabled ones too, with whether they are enabled.
    pub fn all_sites(&self) -> impl Iterator<Item = (&Arc<Site>, bool)> {
        self.sites.iter().map(|site| (site, !self.disabled.contains(&site.id)))
    }

    /// The site of that id, enabled or not.
    #[must_use]
    pub fn site(&self, id: &str) -> Option<&Arc<Site>> {
        self.sites.iter().find(|site| site.id == id)
    }

    /// The site that a host belongs to: by exact name first; a name on the never-intercept list is no site's by
    /// wildcard.
    #[must_use]
    pub fn site_of(&self, host: &Host) -> Option<&Arc<Site>> {
        let exact = HostPattern::Exact(host.clone());
        if let Some(site) = self.sites().find(|site| site.hosts.iter().any(|(pattern, _)| *pattern == exact)) {
            return Some(site);
        }
        if self.never_intercept(host) {
            return None;
        }
        self.sites().find(|site| site.hosts.iter().any(|(pattern, _)| pattern.matches(host)))
    }

    /// The endpoint that a request to a site is for. Requests that no file describes get one that walks every string.
    #[must_use]
    pub fn endpoint<'a>(&self, site: &'a Site, head: &Head) -> &'a Arc<Endpoint> {
        site.endpoint(head)
    }

    /// Every AI host known, those of the sites first.
    #[must_use]
    pub fn ai_hosts(&self) -> &[AiHost] {
        &self.ai_hosts
    }

    /// The entry for an AI host that is known; the never-intercept list wins over wildcards here too.
    #[must_use]
    pub fn known_ai(&self, host: &Host) -> Option<&AiHost> {
        let exact = HostPattern::Exact(host.clone());
        if let Some(entry) = self.ai_hosts.iter().find(|entry| entry.pattern == exact) {
            return Some(entry);
        }
        if self.never_intercept(host) {
            return None;
        }
        self.ai_hosts.iter().find(|entry| entry.pattern.matches(host))
    }

    /// Whether a host is on the never-intercept list.
    #[must_use]
    pub fn never_intercept(&self, host: &Host) -> bool {
        self.never_intercept.iter().any(|pattern| pattern.matches(host))
    }

    /// Names for the authority's name constraint, sorted: each permits itself and all below it, so a name below a
    /// listed one is left out.
    #[must_use]
    pub fn constraint_names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self
            .ai_hosts
            .iter()
            .map(|entry| entry.pattern.base())
            .filter(|h| h.address().is_none())
            .map(Host::as_str)
            .collect();
        let covered = |name: &str| names.iter().any(|parent| is_below(name, parent));
        names.iter().filter(|name| !covered(name)).map(|name| (*name).to_owned()).collect()
    }
}

fn patterns(source: &Source, entries: &[Spanned<String>]) -> Result<Vec<HostPattern>, SpecError> {
    entries
        .iter()
        .map(|entry| {
            let hint = "write `name.example` or `*.name.example`".to_owned();
            let located =
                |error: super::host::HostError| SpecError::at(source, entry.span(), error.to_string(), Some(hint));
            HostPattern::parse(entry.as_ref()).map_err(located)
        })
        .collect()
}

fn site(source: &Source) -> Result<Site, SpecError> {
    let file = SiteFile::parse(source)?;
    check_id(source, &file.id)?;
    let mut hosts = Vec::new();
    let uses = [
        (&file.hosts.chat, HostUse::Chat),
        (&file.hosts.api, HostUse::Api),
        (&file.hosts.upload, HostUse::Upload),
        (&file.hosts.telemetry, HostUse::Telemetry),
    ];
    for (entries, host_use) in uses {
        hosts.extend(patterns(source, entries)?.into_iter().map(|pattern| (pattern, host_use)));
    }
    if hosts.is_empty() {
        let problem = format!("site `{}` has no hosts", file.id.as_ref());
        return Err(SpecError::at(source, file.id.span(), problem, Some("list them under `[hosts]`".to_owned())));
    }
    let family = family(source, &file.answer)?;
    let described = file.endpoints.iter().map(|entry| endpoint(source, entry, family).map(Arc::new));
    let endpoints = described.collect::<Result<Vec<_>, _>>()?;
    let mut unread = undescribed("never", Class::Account, family);
    unread.paths = file.never.iter().map(|entry| url_pattern(source, entry)).collect::<Result<_, _>>()?;
    let silent = OnRefuse::Fixed { status: 204, body: String::new() };
    Ok(Site {
        title: file.title,
        family: file.family,
        notice: file.notice,
        hosts,
        replace_headers: file
            .replace_headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect(),
        source: source.path.clone(),
        endpoints,
        unread: Arc::new(unread),
        other: Arc::new(undescribed("other", Class::Other, family)),
        upload: Arc::new(undescribed("upload", Class::Upload, family)),
        telemetry: Arc::new(Endpoint { on_refuse: silent, ..undescribed("telemetry", Class::Telemetry, family) }),
        id: file.id.into_inner(),
    })
}

fn check_id(source: &Source, id: &Spanned<String>) -> Result<(), SpecError> {
    let text: &str = id.as_ref();
    let form = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if form {
        return Ok(());
    }
    let problem = format!("site id `{text}` is not lower-case letters, digits and `-`");
    Err(SpecError::at(source, id.span(), problem, None))
}

fn undescribed(id: &str, class: Class, family: &'static dyn Answer) -> Endpoint {
    Endpoint {
        id: id.to_owned(),
        class,
        codec: if class == Class::Account { Codec::None } else { Codec::Auto },
        selectors: Selectors::default(),
        answer: family,
        framing: Framing::Auto,
        on_refuse: OnRefuse::Error,
        upgrade: Upgrade::Pass,
        methods: Vec::new(),
        paths: Vec::new(),
    }
}

fn endpoint(source: &Source, file: &EndpointFile, default: &'static dyn Answer) -> Result<Endpoint, SpecError> {
    let paths = |entries: &[Spanned<String>]| selector_paths(source, entries, file.body);
    Ok(Endpoint {
        id: file.id.clone(),
        class: file.class,
        codec: if file.class == Class::Account { Codec::None } else { file.body },
        selectors: Selectors {
            skip: paths(&file.skip)?,
            opaque: paths(&file.opaque)?,
            media: paths(&file.media)?,
            text: paths(&file.text)?,
        },
        answer: file.answer.as_ref().map_or(Ok(default), |name| family(source, name))?,
        framing: file.framing,
        on_refuse: file.on_refuse.clone(),
        upgrade: file.upgrade,
        methods: file.methods.iter().map(|method| method.to_ascii_uppercase()).collect(),
        paths: file.paths.iter().map(|entry| url_pattern(source, entry)).collect::<Result<_, _>>()?,
    })
}

fn selector_paths(source: &Source, entries: &[Spanned<String>], codec: Codec) -> Result<Vec<Path>, SpecError> {
    let parse = |entry: &Spanned<String>| {
        Selectors::parse_path(entry.as_ref(), codec)
            .map_err(|error| SpecError::at(source, entry.span(), error.to_string(), None))
    };
    entries.iter().map(parse).collect()
}

fn url_pattern(source: &Source, entry: &Spanned<String>) -> Result<UrlPattern, SpecError> {
    UrlPattern::parse(entry.as_ref()).map_err(|error| SpecError::at(source, entry.span(), error.to_string(), None))
}

fn family(source: &Source, name: &Spanned<String>) -> Result<&'static dyn Answer, SpecError> {
    answer::family(name.as_ref()).ok_or_else(|| {
        let known: Vec<String> = answer::FAMILIES.iter().map(|family| format!("`{}`", family.name())).collect();
        let problem = format!("unknown answer family `{}`", name.as_ref());
        SpecError::at(source, name.span(), problem, Some(format!("known are {}", known.join(", "))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    fn host(name: &str) -> Host {
        Host::parse(name).unwrap()
    }

    fn head(method: &str, path: &str) -> Head {
        Head { method: method.to_owned(), path: path.to_owned(), ..Head::default() }
    }

    #[test]
    fn exact_host_beats_never_intercept_beats_wildcard() {
        let site = source(
            "a.toml",
            "id = \"a\"\ntitle = \"A\"\nfamily = \"a\"\n[hosts]\nchat = [\"*.a.test\", \"pay.a.test\"]\n",
        );
        let hosts = source("ai-hosts.toml", "never_intercept = [\"pay.a.test\", \"login.a.test\"]\n");
        let catalogue = Catalogue::compile(&[site], &hosts).unwrap();
        assert!(catalogue.site_of(&host("x.a.test")).is_some());
        assert!(catalogue.site_of(&host("pay.a.test")).is_some(), "named exactly");
        assert!(catalogue.site_of(&host("login.a.test")).is_none(), "by wildcard only");
        assert!(catalogue.known_ai(&host("login.a.test")).is_none());
        assert!(catalogue.site_of(&host("a.test")).is_none());
    }

    #[test]
    fn a_disabled_site_is_still_known_as_ai() {
        let catalogue = Catalogue::built_in().unwrap().with_disabled(&["chatgpt-web".to_owned()]);
        assert!(catalogue.site_of(&host("chatgpt.com")).is_none());
        assert!(catalogue.known_ai(&host("chatgpt.com")).is_some());
        assert!(catalogue.site_of(&host("api.openai.com")).is_some());
    }

    #[test]
    fn built_in_requests_find_their_endpoints() {
        let catalogue = Catalogue::built_in().unwrap();
        let check = |host_name: &str, method: &str, path: &str, id: &str, class: Class| {
            let site = catalogue.site_of(&host(host_name)).unwrap();
            let endpoint = catalogue.endpoint(site, &head(method, path));
            assert_eq!((endpoint.id.as_str(), endpoint.class), (id, class), "{method} {host_name}{path}");
        };
        check("api.openai.com", "POST", "/v1/chat/completions", "chat-completions", Class::Prompt);
        check("api.openai.com", "POST", "/v1/responses/input_tokens", "input-tokens", Class::Side);
        check("api.openai.com", "POST", "/v1/something/new", "other", Class::Other);
        check("api.anthropic.com", "POST", "/v1/messages", "messages", Class::Prompt);
        check("api.anthropic.com", "POST", "/v1/messages/count_tokens", "count-tokens", Class::Side);
        check("chatgpt.com", "POST", "/backend-api/f/conversation", "conversation", Class::Prompt);
        check("chatgpt.com", "POST", "/backend-api/f/conversation/prepare", "prepare", Class::Draft);
        check("chatgpt.com", "GET", "/backend-api/conversation/1b", "history", Class::History);
        check("chatgpt.com", "POST", "/ces/v1/t", "telemetry", Class::Telemetry);
        check("chatgpt.com", "POST", "/backend-api/../api/auth/x", "other", Class::Other);
        check("chatgpt.com", "POST", "/api/auth/%2e%2e/%2e%2e/backend-api/f/conversation", "other", Class::Other);
        check("claude.ai", "POST", "/api/organizations/o/chat_conversations/c/completion", "completion", Class::Prompt);
        check("claude.ai", "POST", "/api/organizations/o/chat_conversations/c/title", "title", Class::Side);
    }

    #[test]
    fn a_host_for_uploads_or_telemetry_classes_what_is_not_described() {
        let catalogue = Catalogue::built_in().unwrap();
        let site = catalogue.site_of(&host("files.oaiusercontent.com")).unwrap();
        let mut put = head("PUT", "/files/x/raw");
        put.headers = vec![("host".to_owned(), b"files.oaiusercontent.com".to_vec())];
        assert_eq!(catalogue.endpoint(site, &put).class, Class::Upload);
        put.headers = vec![("host".to_owned(), b"ab.chatgpt.com".to_vec())];
        assert_eq!(catalogue.endpoint(site, &put).class, Class::Telemetry);
    }

    #[test]
    fn constraint_names_are_specific_and_none_lies_below_another() {
        let names = Catalogue::built_in().unwrap().constraint_names();
        assert!((100..=300).contains(&names.len()), "{}", names.len());
        // A name shared by strangers would let a stolen key speak for them all.
        let shared = [
            "com",
            "ai",
            "amazonaws.com",
            "googleapis.com",
            "google.com",
            "microsoft.com",
            "azure.com",
            "office.com",
            "bing.com",
            "s3.amazonaws.com",
            "githubusercontent.com",
            "vercel.app",
            "cloudflare.com",
            "quora.com",
        ];
        for name in shared {
            assert!(!names.iter().any(|listed| listed == name), "{name}");
        }
        for name in &names {
            assert!(name.contains('.') && !names.iter().any(|parent| is_below(name, parent)), "{name}");
        }
    }

    #[test]
    fn a_wrong_site_file_says_what_and_where() {
        let text = "id = \"a\"\ntitle = \"A\"\nfamily = \"a\"\nanswer = \"opnai\"\n[hosts]\nchat = [\"a.test\"]\n";
        let empty = source("ai-hosts.toml", "");
        let error = Catalogue::compile(&[source("rules/sites/a.toml", text)], &empty).unwrap_err();
        assert_eq!(error.line, 4);
        assert!(
            error
                .to_string()
                .starts_with("unknown answer family `opnai`\n  --> rules/sites/a.toml:4\n  hint: known are `")
        );
        let text = text.replace("opnai", "generic").replace("a.test", "a.*.test");
        let error = Catalogue::compile(&[source("a.toml", &text)], &empty).unwrap_err();
        assert_eq!(error.line, 6);
        let text = "id = \"a\"\ntitle = \"A\"\nfamily = \"a\"\n[hosts]\n";
        assert!(Catalogue::compile(&[source("a.toml", text)], &empty).unwrap_err().problem.contains("no hosts"));
    }
}
