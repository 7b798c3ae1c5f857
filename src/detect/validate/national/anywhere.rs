//! Numbers of an unnamed country: beside a word that only says «identity», or alone, a number is one where checks of a
//! country hold that hardly any other number passes. Which checks those are, and how much chance is accepted where.

use super::{
    africa, andes, centre, dach, east, far_east, latin, levant, names::named_otherwise, north, north_america, south,
    south_east, southern_asia, west,
};
use crate::detect::validate::{Judgement, Subject, Validator};

/// The checks of this file.
pub(in crate::detect::validate) const CHECKS: &[(&str, Validator)] =
    &[("identity-named", named), ("identity-id", id), ("identity-alone", alone)];

/// One country's number.
struct Kind {
    /// For a person.
    name: &'static str,
    /// Its digits.
    digits: usize,
    /// How it is divided, where it is: digits in each group.
    groups: &'static [usize],
    /// Of 100,000 undivided numbers of this length, so many pass; more where numbers of this length are everywhere (ten
    /// digits: seconds since 1970, ids of databases).
    odds: u32,
    check: Validator,
}

const fn kind(name: &'static str, digits: usize, groups: &'static [usize], odds: u32, check: Validator) -> Kind {
    Kind { name, digits, groups, odds, check }
}

/// Numbers that carry two checks of some sort: a date and a check digit, two check digits, a remainder modulo 89 or more.
const KINDS: &[Kind] = &[
    kind("Swedish personnummer", 10, &[6, 4], 1050, north::se_personnummer),
    kind("Swedish personnummer", 12, &[8, 4], 100, north::se_personnummer),
    kind("Danish CPR number", 10, &[6, 4], 1500, danish),
    kind("Bulgarian EGN", 10, &[10], 1100, centre::bg_egn),
    kind("Czech or Slovak birth number", 10, &[6, 4], 1400, centre::cz_rodne_cislo),
    kind("Czech or Slovak birth number", 9, &[6, 3], 20_000, centre::cz_rodne_cislo),
    kind("Icelandic kennitala", 10, &[6, 4], 120, north::is_kennitala),
    kind("Austrian social insurance number", 10, &[4, 6], 1050, dach::at_svnr),
    kind("Saudi national or residence number", 10, &[10], 2000, levant::sa_national),
    kind("Hungarian tax number", 10, &[10], 1050, centre::hu_tax),
    kind("Ecuadorian cédula", 10, &[9, 1], 1500, andes::ec_cedula),
    kind("Japanese My Number", 12, &[4, 4, 4], 9900, far_east::jp_my_number),
    kind("Ukrainian taxpayer number", 10, &[10], 3900, east::ua_rnokpp),
    kind("Dutch BSN", 9, &[9], 9100, west::nl_bsn),
    kind("Portuguese NIF", 9, &[3, 3, 3], 6500, south::pt_nif),
    kind("Canadian social insurance number", 9, &[3, 3, 3], 8000, north_america::ca_sin),
    kind("Norwegian fødselsnummer", 11, &[6, 5], 30, north::no_fodselsnummer),
    kind("Belgian national number", 11, &[2, 2, 2, 3, 2], 250, west::be_rijksregister),
    kind("German tax identification number", 11, &[2, 3, 3, 3], 400, dach::de_steuer_id),
    kind("Estonian or Lithuanian personal code", 11, &[11], 300, north::baltic),
    kind("Latvian personal code", 11, &[6, 5], 1200, north::lv_personas),
    kind("Greek AMKA", 11, &[11], 380, south::gr_amka),
    kind("Polish PESEL", 11, &[11], 400, polish),
    kind("Hungarian personal number", 11, &[1, 6, 4], 1100, centre::hu_personal),
    kind("Turkish identity number", 11, &[11], 900, east::tr_tckn),
    kind("Brazilian CPF", 11, &[3, 3, 3, 2], 1000, latin::br_cpf),
    kind("Russian SNILS", 11, &[3, 3, 3, 2], 1100, east::ru_snils),
    kind("Argentine CUIT or CUIL", 11, &[2, 8, 1], 1100, latin::ar_cuit),
    kind("Peruvian RUC", 11, &[11], 450, andes::pe_ruc),
    kind("Dominican cédula", 11, &[3, 7, 1], 10_000, andes::do_cedula),
    kind("Australian business number", 11, &[2, 3, 3, 3], 1100, south_east::au_abn),
    kind("Russian INN", 12, &[12], 900, east::ru_inn_person),
    kind("Kazakh IIN", 12, &[12], 200, east::kz_iin),
    kind("Kuwaiti civil number", 12, &[12], 100, levant::kw_civil),
    kind("Spanish social security number", 12, &[2, 8, 2], 600, south::es_nuss),
    kind("Indian Aadhaar number", 12, &[4, 4, 4], 8000, southern_asia::in_aadhaar),
    kind("Malaysian identity number", 12, &[6, 2, 4], 26_000, south_east::my_kad),
    kind("Romanian CNP", 13, &[13], 150, centre::ro_cnp),
    kind("JMBG, EMŠO or EMBG", 13, &[13], 80, centre::yu_jmbg),
    kind("South African identity number", 13, &[6, 4, 3], 100, africa::za_id),
    kind("South Korean resident number", 13, &[6, 7], 380, far_east::kr_rrn),
    kind("Luxembourg matricule", 13, &[13], 1, west::lu_matricule),
    kind("Ukrainian register number", 13, &[8, 5], 10, east::ua_unzr),
    kind("French tax number", 13, &[2, 2, 3, 3, 3], 80, west::fr_spi),
    kind("Thai identity number", 13, &[1, 4, 5, 2, 1], 8000, south_east::th_id),
    kind("Pakistani CNIC", 13, &[5, 7, 1], 63_000, southern_asia::pk_cnic),
    kind("Egyptian national number", 14, &[14], 250, levant::eg_national),
    kind("Uzbek PINFL", 14, &[14], 200, east::uz_pinfl),
    kind("Brazilian CNPJ", 14, &[2, 3, 3, 4, 2], 1100, latin::br_cnpj),
    kind("French SIRET", 14, &[3, 3, 3, 5], 1100, west::fr_siren),
    kind("French social security number", 15, &[1, 2, 2, 2, 3, 3, 2], 200, west::fr_nir),
    kind("Emirates identity number", 15, &[3, 4, 7, 1], 10, levant::ae_emirates),
    kind("Indonesian NIK", 16, &[16], 1500, south_east::id_nik),
    kind("Chinese resident number", 18, &[18], 5, far_east::cn_resident),
];

/// A CPR number with its check digit: those without are no sure sign of anything.
fn danish(subject: &Subject<'_>) -> Judgement {
    match north::dk_cpr(subject) {
        Judgement::Scored { confidence, .. } if confidence > 0.8 => Judgement::Holds,
        Judgement::Scored { .. }
        | Judgement::First { .. }
        | Judgement::Stretch { .. }
        | Judgement::Holds
        | Judgement::Fails => Judgement::Fails,
    }
}

/// A PESEL of somebody born from 1925 on who may be alive.
fn polish(subject: &Subject<'_>) -> Judgement {
    let digits = super::super::digits::digits(subject.value);
    let (year, month) = (super::super::digits::part(&digits, 0..2), super::super::digits::part(&digits, 2..4));
    let living = matches!((year, month), (25.., 1..=12) | (0..=30, 21..=32));
    if living { centre::pl_pesel(subject) } else { Judgement::Fails }
}

/// Check `identity-named`: beside words like «national identity number».
pub fn named(subject: &Subject<'_>) -> Judgement {
    judge(subject, 9500, 0.7)
}

/// Check `identity-id`: beside no more than «id».
pub fn id(subject: &Subject<'_>) -> Judgement {
    judge(subject, 1000, 0.62)
}

/// Check `identity-alone`: nothing says what the number is.
pub fn alone(subject: &Subject<'_>) -> Judgement {
    if is_milliseconds(subject.value) { Judgement::Fails } else { judge(subject, 400, 0.6) }
}

fn judge(subject: &Subject<'_>, most: u32, confidence: f32) -> Judgement {
    let before = subject.before(2).as_bytes();
    let tail =
        before.last().is_some_and(|byte| b" ./+-".contains(byte)) && before.first().is_some_and(u8::is_ascii_digit);
    if tail || is_compact_time(subject.value) {
        return Judgement::Fails;
    }
    let Some((kind, bytes)) = find(subject, most) else { return Judgement::Fails };
    if named_otherwise(subject) {
        return Judgement::Fails;
    }
    Judgement::First { bytes, confidence: Some(confidence), reason: format!("checks of a {} hold", kind.name) }
}

/// Milliseconds since 1970, of the years 2001 to 2033.
fn is_milliseconds(value: &str) -> bool {
    value.len() == 13 && value.starts_with('1') && value.bytes().all(|byte| byte.is_ascii_digit())
}

/// A moment of the years from 2010 on, written from year to minute or second.
fn is_compact_time(value: &str) -> bool {
    let solid = matches!(value.len(), 12 | 14) && value.bytes().all(|byte| byte.is_ascii_digit());
    solid && (value.starts_with("202") || value.starts_with("201"))
}

/// The first groups of the value that are a number of some kind, most of them first.
fn find(subject: &Subject<'_>, most: u32) -> Option<(&'static Kind, usize)> {
    let ends = group_ends(subject.value);
    (1..=ends.len()).rev().find_map(|count| {
        let taken = ends.get(..count)?;
        let bytes = taken.last().map(|(_, end)| *end)?;
        let sizes: Vec<usize> = taken.iter().map(|(digits, _)| *digits).collect();
        let value = subject.value.get(..bytes)?;
        let part = Subject { value, text: subject.text, range: subject.range.start..subject.range.start + bytes };
        KINDS
            .iter()
            .find(|kind| kind.accepts(&sizes, most) && (kind.check)(&part) == Judgement::Holds)
            .map(|kind| (kind, bytes))
    })
}

impl Kind {
    /// Whether so much chance is accepted of a number divided like this: the right division says as much as a digit does,
    /// but for threes, which any long number is divided into.
    fn accepts(&self, sizes: &[usize], most: u32) -> bool {
        let bonus = if sizes.len() == 1 || sizes.iter().all(|size| *size == 3) { 1 } else { 10 };
        let divided = sizes == self.groups || matches!(sizes, [whole] if *whole == self.digits);
        divided && self.odds / bonus <= most
    }
}

/// Digits and end of each group.
fn group_ends(value: &str) -> Vec<(usize, usize)> {
    let mut groups = Vec::new();
    let mut digits = 0;
    for (at, byte) in value.bytes().enumerate() {
        if byte.is_ascii_digit() {
            digits += 1;
        }
        let ends = !value.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit);
        if byte.is_ascii_digit() && ends {
            groups.push((digits, at + 1));
            digits = 0;
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(validator: Validator, text: &str, value: &str) -> Judgement {
        let start = text.find(value).unwrap();
        validator(&Subject { value, text, range: start..start + value.len() })
    }

    fn holds(validator: Validator, text: &str, value: &str) -> bool {
        matches!(check(validator, text, value), Judgement::First { .. })
    }

    #[test]
    fn a_number_of_any_country_is_seen_by_its_checks() {
        for value in ["8001015009087", "44051401359", "36805280109", "15108695088", "7523169263", "710319/2745"] {
            assert!(holds(named, &format!("national id {value}"), value), "{value}");
        }
    }

    #[test]
    fn words_and_dates_behind_it_are_no_part_of_it() {
        let found = check(named, "identity 710319/2745 2024", "710319/2745 2024");
        assert!(matches!(found, Judgement::First { bytes: 11, .. }), "{found:?}");
    }

    #[test]
    fn the_name_of_a_number_hands_it_to_that_numbers_rule() {
        assert!(!holds(named, "CPF, an id: 36805280109", "36805280109"));
        assert!(holds(named, "CPF 111.222.333-99, id: 36805280109", "36805280109"));
    }

    #[test]
    fn a_weak_check_is_not_enough_alone() {
        assert!(!holds(alone, "7523169263", "7523169263"));
        assert!(!holds(alone, "1705011500000", "1705011500000"));
        assert!(holds(alone, "8001015009087", "8001015009087"));
    }
}
