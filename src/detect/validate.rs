//! Checks by name that a matched value must pass: checksums, country tables, plausibility. One file a family; each
//! check names the standard it follows. Knows no rule and no pattern.

// numbers with a checksum
pub mod card;
pub mod digits;
pub mod iban;
pub mod bank;
pub mod wallet;
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
pub mod provider;
pub mod secret;
pub mod token;

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

/// Every check by the name rules use, grouped as the files are.
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
    ("base58check", wallet::base58check),
    ("bech32", wallet::bech32),
    ("vin", device::vin),
    ("plate", device::plate),
    ("imei", device::imei),
    ("iccid", device::iccid),
    ("serial", device::serial),
    ("birth-date", birth::birth_date),
    ("coordinates", place::coordinates),
    ("us-ssn", national::americas::us_ssn),
    ("us-itin", national::americas::us_itin),
    ("ca-sin", national::americas::ca_sin),
    ("br-cpf", national::americas::br_cpf),
    ("br-cnpj", national::americas::br_cnpj),
    ("de-steuer-id", national::dach::de_steuer_id),
    ("de-sozialversicherung", national::dach::de_sozialversicherung),
    ("at-svnr", national::dach::at_svnr),
    ("ch-ahv", national::dach::ch_ahv),
    ("fr-nir", national::west::fr_nir),
    ("es-dni", national::west::es_dni),
    ("it-codice-fiscale", national::west::it_codice_fiscale),
    ("pt-nif", national::west::pt_nif),
    ("nl-bsn", national::west::nl_bsn),
    ("be-rijksregister", national::west::be_rijksregister),
    ("gb-nhs", national::west::gb_nhs),
    ("gb-nino", national::west::gb_nino),
    ("pl-pesel", national::north::pl_pesel),
    ("se-personnummer", national::north::se_personnummer),
    ("dk-cpr", national::north::dk_cpr),
    ("fi-hetu", national::north::fi_hetu),
    ("no-fodselsnummer", national::north::no_fodselsnummer),
    ("in-aadhaar", national::asia::in_aadhaar),
    ("in-pan", national::asia::in_pan),
    ("cn-resident", national::asia::cn_resident),
    ("au-tfn", national::asia::au_tfn),
    ("sg-nric", national::asia::sg_nric),
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
    ("github-checksum", token::github_checksum),
    ("jwt", token::jwt),
    ("mixed", token::mixed),
    ("random", token::random),
    ("basic-auth", token::basic_auth),
    ("issued", issued::issued),
    ("beside-name", issued::beside_name),
    ("named-secret", issued::named_secret),
    ("password", secret::password),
    ("url-password", secret::url_password),
    ("spoken-password", secret::spoken),
    ("beside-password", secret::beside),
    ("generic-key", secret::generic_key),
    ("named-key", secret::named_key),
    ("provider-key", provider::provider_key),
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

/// The check of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<Validator> {
    VALIDATORS.iter().find(|(known, _)| *known == name).map(|(_, validator)| *validator)
}

/// All names, for messages.
pub fn names() -> impl Iterator<Item = &'static str> {
    VALIDATORS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
pub(crate) fn check(validator: Validator, value: &str) -> Judgement {
    validator(&Subject { value, text: value, range: 0..value.len() })
}
