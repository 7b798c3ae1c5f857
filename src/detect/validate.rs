//! Checks by name that a matched value must pass: checksums, country tables, plausibility. One file a family; each
//! check names the standard it follows. Knows no rule and no pattern.

// numbers with a checksum
pub mod card;
pub mod digits;
pub mod iban;
pub mod bank;
pub mod coin_address;
pub mod device;
pub mod national;
// addresses
pub mod email;
pub mod place;
pub mod network;
pub mod phone;
pub mod address;
// people
pub mod person;
pub mod birth;
// secrets
pub mod issued;
pub mod mnemonic;
pub mod nearby;
pub mod one_time;
pub mod provider;
pub mod request;
pub mod secret;
pub mod token;
pub mod wallet;

use std::ops::Range;

/// A value with its surroundings.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// The value.
    pub value: &'a str,
    /// The text it stands in.
    pub text: &'a str,
    /// Where.
    pub range: Range<usize>,
}

impl<'a> Subject<'a> {
    /// Bytes before the value, at most `limit`, cut to whole characters.
    #[must_use]
    pub fn before(&self, limit: usize) -> &'a str {
        let window = super::matcher::to_characters(self.text, self.range.start.saturating_sub(limit)..self.range.start);
        self.text.get(window).unwrap_or_default()
    }

    /// Bytes after the value, at most `limit`, cut to whole characters.
    #[must_use]
    pub fn after(&self, limit: usize) -> &'a str {
        let window = super::matcher::to_characters(self.text, self.range.end..self.range.end.saturating_add(limit));
        self.text.get(window).unwrap_or_default()
    }
}

/// What a check says.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// The rule's confidence stands.
    Holds,
    /// No finding.
    Fails,
    /// Only the first so many bytes of the value are the finding: the pattern took too much.
    First {
        /// Bytes.
        bytes: usize,
        /// 0–1; `None` leaves the rule's confidence.
        confidence: Option<f32>,
        /// For a person.
        reason: String,
    },
    /// The finding is this stretch of the text: the pattern found the middle, the check found both ends.
    Stretch {
        /// Bytes of the text, not of the value. May be wider than the value.
        range: Range<usize>,
        /// 0–1.
        confidence: f32,
        /// For a person.
        reason: String,
    },
    /// A finding of this confidence in place of the rule's.
    Scored {
        /// 0–1.
        confidence: f32,
        /// For a person.
        reason: String,
    },
}

impl Judgement {
    /// [`Judgement::Holds`] or [`Judgement::Fails`].
    #[must_use]
    pub fn holds(condition: bool) -> Self {
        if condition { Self::Holds } else { Self::Fails }
    }

    /// A score with its reason.
    #[must_use]
    pub fn scored(confidence: f32, reason: impl Into<String>) -> Self {
        Self::Scored { confidence, reason: reason.into() }
    }
}

/// A check.
pub type Validator = fn(&Subject<'_>) -> Judgement;

/// Every check by the name rules use, grouped as the files are; those of countries are in [`national::FAMILIES`].
const VALIDATORS: &[(&str, Validator)] = &[
    ("luhn", digits::luhn),
    ("card", card::card),
    ("beside-card", card::beside),
    ("iban", iban::iban),
    ("aba-routing", bank::aba_routing),
    ("clabe", bank::clabe),
    ("cbu", bank::cbu),
    ("bic", bank::bic),
    ("account", bank::account),
    ("base58check", coin_address::base58check),
    ("bech32", coin_address::bech32),
    ("vin", device::vin),
    ("plate", device::plate),
    ("imei", device::imei),
    ("iccid", device::iccid),
    ("serial", device::serial),
    ("birth-date", birth::birth_date),
    ("coordinates", place::coordinates),
    ("ipv4", network::ipv4),
    ("ipv4-local", network::ipv4_local),
    ("ipv6", network::ipv6),
    ("mac", network::mac),
    ("phone-international", phone::international),
    ("phone-national", phone::national),
    ("phone-plain", phone::plain),
    ("phone-form", phone::form),
    ("address-number-first", address::number_first),
    ("address-number-first-ordinary", address::number_first_ordinary),
    ("address-lower", address::lower),
    ("address-word-first", address::word_first),
    ("address-word-first-ordinary", address::word_first_ordinary),
    ("address-name-first", address::name_first),
    ("address-code", address::code),
    ("address-cued", address::cued),
    ("address-box", address::post_box),
    ("address-eastern", address::eastern),
    ("email", email::email),
    ("email-spelled", email::spelled),
    ("person-cued", person::cued),
    ("person-listed", person::listed),
    ("person-two", person::two),
    ("person-run", person::in_run),
    ("github-checksum", token::github_checksum),
    ("jwt", token::jwt),
    ("mixed", token::mixed),
    ("random", token::random),
    ("basic-auth", token::basic_auth),
    ("wif", wallet::wif),
    ("extended-key", wallet::extended_key),
    ("xrp-seed", wallet::xrp_seed),
    ("stellar-seed", wallet::stellar_seed),
    ("base58-keypair", wallet::base58_keypair),
    ("byte-array", wallet::byte_array),
    ("cookie", request::cookie),
    ("url-parameter", request::url_parameter),
    ("webhook", request::webhook),
    ("base32-seed", one_time::base32_seed),
    ("recovery-codes", one_time::recovery_codes),
    ("device-password", one_time::device_password),
    ("paired-password", secret::told::paired),
    ("named-behind", secret::told::named_behind),
    ("called-password", secret::told::called),
    ("passphrase", secret::told::passphrase),
    ("pin", secret::told::pin),
    ("nearby", nearby::nearby),
    ("seed-phrase", mnemonic::seed_phrase),
    ("issued", issued::issued),
    ("beside-name", issued::beside_name),
    ("named-secret", issued::named_secret),
    ("app-password", issued::app_password),
    ("password", secret::password),
    ("url-password", secret::url_password),
    ("spoken-password", secret::told::spoken),
    ("beside-password", secret::told::beside),
    ("generic-key", secret::generic_key),
    ("named-key", secret::named_key),
    ("provider-key", provider::provider_key),
    ("provider-token", provider::provider_token),
];

/// What a check can say about the first bytes alone, before a pattern is tried.
pub type Opening = fn(&[u8]) -> bool;

/// The opening test of the check of this name, if it has one.
#[must_use]
pub fn opening(name: &str) -> Option<Opening> {
    match name {
        "card" => Some(card::opens),
        "address-code" => Some(address::opens_code),
        "phone-form" => Some(phone::opens),
        _ => None,
    }
}

/// What a check can say about the text round an anchor, which stands at the range, before a pattern is tried.
pub type Surroundings = fn(&str, std::ops::Range<usize>) -> bool;

/// The test of the surroundings of the check of this name, if it has one.
#[must_use]
pub fn surroundings(name: &str) -> Option<Surroundings> {
    match name {
        "seed-phrase" => Some(mnemonic::in_row),
        "person-two" => Some(person::may_follow),
        _ => None,
    }
}

/// The check of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Validator> {
    all().find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

/// All names, for messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().map(|(name, _)| *name)
}

fn all() -> impl Iterator<Item = &'static (&'static str, Validator)> {
    VALIDATORS.iter().chain(national::FAMILIES.iter().copied().flatten())
}

#[cfg(test)]
pub(crate) fn check(validator: Validator, value: &str) -> Judgement {
    validator(&Subject { value, text: value, range: 0..value.len() })
}
