//! Top-level domains, to tell a spelled-out or joined address from prose. Every country code counts; of the others,
//! those that people have mailboxes under.

/// IANA root zone database, generic domains in use for mail.
const GENERIC: [&str; 60] = [
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "name",
    "pro",
    "dev",
    "app",
    "cloud",
    "online",
    "site",
    "shop",
    "store",
    "tech",
    "xyz",
    "club",
    "blog",
    "email",
    "mail",
    "digital",
    "agency",
    "company",
    "group",
    "systems",
    "solutions",
    "services",
    "software",
    "studio",
    "team",
    "works",
    "world",
    "zone",
    "life",
    "live",
    "news",
    "media",
    "design",
    "consulting",
    "finance",
    "bank",
    "health",
    "care",
    "legal",
    "law",
    "academy",
    "school",
    "berlin",
    "hamburg",
    "koeln",
    "wien",
    "london",
    "paris",
    "nyc",
    "tokyo",
    "example",
];

/// IANA root zone database, country codes (ISO 3166-1 alpha-2 and the exceptional `uk`, `eu`, `ac`, `su`).
const COUNTRIES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt \
    bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm \
    fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo \
    jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt \
    mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw \
    sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug \
    uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw";

/// Whether this is a top-level domain, in any case.
pub(super) fn is_known(top: &str) -> bool {
    match top.as_bytes() {
        [first, second] => {
            let (first, second) = (first.to_ascii_lowercase(), second.to_ascii_lowercase());
            COUNTRIES.as_bytes().chunks(3).any(|known| matches!(known, [a, b, ..] if (*a, *b) == (first, second)))
        }
        _ => is_generic(top),
    }
}

/// Whether this is a generic top-level domain: country codes turn up in words that are read another way.
pub(super) fn is_generic(top: &str) -> bool {
    GENERIC.iter().any(|known| known.eq_ignore_ascii_case(top))
}

/// Whether an address ends in a known top-level domain.
pub(super) fn ends_in_known(address: &str) -> bool {
    address.rsplit('.').next().is_some_and(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_and_generic_domains_are_known_and_words_are_not() {
        assert!(ends_in_known("a@b.co.uk") && ends_in_known("a@b.COM") && is_known("io"));
        assert!(!ends_in_known("look@this.dot") && !is_known("xx") && !is_known(""));
    }
}
