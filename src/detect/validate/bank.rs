//! Bank identifiers other than IBAN: check digits of routing and account numbers. Each names the authority it follows.

use super::{
    Judgement, Subject,
    digits::{digits, is_one_digit, part, weighted},
};

/// Check `aba-routing`: nine digits, weights 3-7-1, prefix of a Federal Reserve district (ABA Key to Routing Numbers).
pub(super) fn aba_routing(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let district = matches!(part(&digits, 0..2), 0..=12 | 21..=32 | 61..=72 | 80);
    let sum = weighted(&digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]);
    Judgement::holds(digits.len() == 9 && district && sum.is_multiple_of(10) && !is_one_digit(&digits))
}

/// Check `clabe`: eighteen digits, weights 3-7-1, each product modulo 10 (Banco de México, CLABE).
pub(super) fn clabe(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let sum: u32 =
        digits.iter().take(17).zip([3, 7, 1].iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum();
    let check = (10 - sum % 10) % 10;
    Judgement::holds(digits.len() == 18 && digits.last() == Some(&check) && !is_one_digit(&digits))
}

/// Check `cbu`: twenty-two digits in two blocks with a check digit each (Banco Central de la República Argentina).
pub(super) fn cbu(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let (Some(bank), Some(account)) = (digits.get(..8), digits.get(8..22)) else { return Judgement::Fails };
    let first = weighted(bank, &[7, 1, 3, 9, 7, 1, 3]);
    let second = weighted(account, &[3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3]);
    let holds = |sum: u32, block: &[u32]| block.last() == Some(&((10 - sum % 10) % 10));
    Judgement::holds(digits.len() == 22 && holds(first, bank) && holds(second, account) && !is_one_digit(&digits))
}

/// Check `bic`: ISO 9362: bank, country, place, branch; the country is one of ISO 3166-1.
pub(super) fn bic(subject: &Subject<'_>) -> Judgement {
    let country = subject.value.get(4..6).unwrap_or_default().to_ascii_uppercase();
    let capitals = subject.value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    Judgement::holds(COUNTRIES.contains(&country.as_str()) && capitals && matches!(subject.value.len(), 8 | 11))
}

/// ISO 3166-1 alpha-2, and XK for Kosovo, as SWIFT uses it.
const COUNTRIES: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AR", "AT", "AU", "AW", "AZ", "BA", "BB", "BD", "BE", "BF", "BG",
    "BH", "BI", "BJ", "BM", "BN", "BO", "BR", "BS", "BT", "BW", "BY", "BZ", "CA", "CD", "CF", "CG", "CH", "CI", "CK",
    "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CY", "CZ", "DE", "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG",
    "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA", "GB", "GD", "GE", "GG", "GH", "GI", "GL", "GM", "GN",
    "GQ", "GR", "GT", "GU", "GW", "GY", "HK", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IQ", "IR", "IS",
    "IT", "JE", "JM", "JO", "JP", "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC",
    "LI", "LK", "LR", "LS", "LT", "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MG", "MH", "MK", "ML", "MM", "MN", "MO",
    "MR", "MS", "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NG", "NI", "NL", "NO", "NP", "NR", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PR", "PS", "PT", "PW", "PY", "QA", "RO", "RS", "RU", "RW",
    "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST", "SV", "SY", "SZ",
    "TC", "TD", "TG", "TH", "TJ", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW", "TZ", "UA", "UG", "US", "UY", "UZ",
    "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "XK", "YE", "ZA", "ZM", "ZW",
];

/// Check `account`: plausible digits of an account: not one digit over and over, no date, no counting.
pub(super) fn account(subject: &Subject<'_>) -> Judgement {
    let digits = digits(subject.value);
    let counting = digits.windows(2).all(|pair| matches!(pair, [a, b] if *b == a + 1));
    let dated =
        digits.len() == 8 && matches!(part(&digits, 0..4), 1900..=2099) && matches!(part(&digits, 4..6), 1..=12);
    Judgement::holds((5..=20).contains(&digits.len()) && !is_one_digit(&digits) && !counting && !dated)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn check_digits_decide() {
        assert_eq!(check(aba_routing, "011401533"), Judgement::Holds);
        assert_eq!(check(aba_routing, "011401534"), Judgement::Fails);
        assert_eq!(check(clabe, "032180000118359719"), Judgement::Holds);
        assert_eq!(check(clabe, "032180000118359718"), Judgement::Fails);
        assert_eq!(check(cbu, "2850590940090418135201"), Judgement::Holds);
        assert_eq!(check(cbu, "2850590940090418135202"), Judgement::Fails);
    }

    #[test]
    fn a_bic_names_a_country() {
        assert_eq!(check(bic, "DEUTDEFF500"), Judgement::Holds);
        assert_eq!(check(bic, "TRANSFER"), Judgement::Fails);
    }
}
