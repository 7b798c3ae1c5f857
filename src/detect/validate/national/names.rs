//! The words right before a number that say whose number it is, or that it is no identity number at all. Judges no number.

use crate::detect::validate::Subject;

/// Names of single countries' numbers: beside one of them the rule of that number decides, and nothing else.
const NAMES: &[&str] = &[
    "aadhaar",
    "aadhar",
    "abha",
    "abn",
    "acn",
    "adóazonosító",
    "afm",
    "ahv",
    "amka",
    "asmens",
    "ausweis",
    "avs",
    "bsn",
    "burgerservice",
    "bvn",
    "cccd",
    "cedula",
    "cie",
    "cnh",
    "cnic",
    "cnp",
    "cnpj",
    "cns",
    "codice",
    "contribuinte",
    "contribuyente",
    "cpf",
    "cpr",
    "cuil",
    "cuit",
    "curp",
    "cédula",
    "davčna",
    "dni",
    "dpi",
    "dui",
    "egn",
    "ehic",
    "ein",
    "embg",
    "emso",
    "emšo",
    "epic",
    "fnr",
    "fødselsnr",
    "fødselsnummer",
    "gstin",
    "henkilötunnus",
    "hetu",
    "hicn",
    "hkid",
    "inn",
    "insz",
    "iqama",
    "ird",
    "isikukood",
    "itin",
    "jmbg",
    "kennitala",
    "kimlik",
    "krankenversicher",
    "ktp",
    "kvnr",
    "licence",
    "license",
    "mbi",
    "medicare",
    "mykad",
    "naf",
    "nhs",
    "nid",
    "nie",
    "nif",
    "nik",
    "nin",
    "nino",
    "nip",
    "nir",
    "niss",
    "nit",
    "npi",
    "npwp",
    "nric",
    "nss",
    "nuip",
    "nuss",
    "oib",
    "pan",
    "passport",
    "personas",
    "personnummer",
    "pesel",
    "pis",
    "pps",
    "ppsn",
    "ramq",
    "registre",
    "regon",
    "rentenversicherung",
    "rfc",
    "rijksregister",
    "rnokpp",
    "rodné",
    "rodného",
    "rsi",
    "ruc",
    "rut",
    "rvnr",
    "sin",
    "siren",
    "siret",
    "snils",
    "sozialversicherung",
    "steuer",
    "svnr",
    "személyi",
    "taj",
    "tckn",
    "tfn",
    "uan",
    "umid",
    "utr",
    "versicherungsnummer",
    "vid",
    "vkn",
    "voter",
    "αμκα",
    "αφμ",
    "егн",
    "ембг",
    "жсн",
    "иин",
    "инн",
    "паспорт",
    "рнокпп",
    "снилс",
    "іпн",
    "јмбг",
    "הזהות",
    "זהות",
    "マイナンバー",
    "個人番号",
    "身份證",
    "身份证",
    "身分證",
    "외국인등록번호",
    "주민등록번호",
];

/// As [`NAMES`], of several words or within longer ones.
const PHRASES: &[&str] = &[
    "national insurance",
    "numéro national",
    "social insurance",
    "assurance sociale",
    "sécurité sociale",
    "seguridad social",
    "segurança social",
    "tax file",
    "civil id",
    "رقم الهوية",
    "الإقامة",
    "tc kimlik",
    "emirates id",
    "ประจำตัวประชาชน",
    "บัตรประชาชน",
];

/// Words right before a number that say what else it is.
const NEIGHBOURS: &[&str] = &[
    "account",
    "amount",
    "build",
    "bytes",
    "created",
    "expires",
    "invoice",
    "order",
    "page",
    "port",
    "price",
    "rev",
    "size",
    "ticket",
    "time",
    "timestamp",
    "total",
    "tracking",
    "updated",
    "version",
];

/// What a number may be that is nobody's identity.
const OTHERS: &[&str] =
    &["phone", "tel", "mobile", "handy", "call", "fax", "cell", "whatsapp", "isbn", "ean", "gtin", "iban", "imei"];

/// What stands before the number, lower case, from the last number before it on.
fn words_before(subject: &Subject<'_>) -> String {
    let before = subject.before(64).to_lowercase().replace(['_', '-'], " ");
    let own = before.rfind(|c: char| c.is_ascii_digit()).and_then(|last| before.get(last + 1..));
    own.unwrap_or(&before).to_owned()
}

/// Whether one of these names stands in the text: as a word, or, five letters and more, as the beginning of one.
fn holds_name(text: &str, names: &[&str]) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic());
    words.any(|word| {
        let first = word.as_bytes().first();
        let begins = |name: &str| name.as_bytes().first() == first && word.starts_with(name);
        let is_ascii = word.is_ascii();
        first.is_some()
            && names.iter().any(|name| {
                begins(name) && (word.len() == name.len() || name.chars().count() > 4)
                    || !is_ascii && !name.is_ascii() && word.contains(name)
            })
    })
}

/// Whether a word before this number says that it is somebody's identity, tax or insurance number: no telephone then.
#[must_use]
pub fn is_identity(subject: &Subject<'_>) -> bool {
    let own = words_before(subject);
    let named = holds_name(&own, NAMES) || PHRASES.iter().chain(GENERAL).any(|phrase| own.contains(phrase));
    named && !is_other(&own)
}

/// Words for identity that no country's number has for a name.
const GENERAL: &[&str] = &[
    "national id",
    "identity",
    "identification",
    "social security",
    "tax id",
    "taxpayer",
    "ssn",
    "identité",
    "identidad",
    "identidade",
    "identifikation",
    "identyfik",
];

fn is_other(text: &str) -> bool {
    holds_name(text, OTHERS) || ["telefon", "teléfono", "téléphone", "mobil"].iter().any(|name| text.contains(name))
}

/// Whether the name of some number stands before this one, with no other number between.
pub(super) fn named_otherwise(subject: &Subject<'_>) -> bool {
    let own = words_before(subject);
    let last = own.split(|c: char| !c.is_alphabetic()).rfind(|word| word.len() > 1);
    holds_name(&own, NAMES)
        || PHRASES.iter().any(|phrase| own.contains(phrase))
        || is_other(&own)
        || last.is_some_and(|word| NEIGHBOURS.contains(&word))
}
