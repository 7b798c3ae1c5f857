//! Numbering plans: calling code, length of the national number, trunk prefix, how mobile numbers begin. The calling
//! codes are those of ITU-T E.164 (list annexed to the ITU Operational Bulletin); lengths, trunk prefixes and mobile
//! ranges those of the plans that administrations notify to the ITU (ITU-T E.129). One row a calling code: where several
//! countries share one, the row bears the largest. Special services and short codes are left out.

use std::ops::RangeInclusive;

/// One calling code.
#[derive(Debug)]
pub(super) struct Plan {
    /// Digits after the plus sign.
    pub(super) code: &'static str,
    /// ISO 3166-1 alpha-2; `X…` for codes that no country has (satellites, shared services).
    pub(super) country: &'static str,
    /// Digits of a national number, trunk prefix not counted.
    pub(super) lengths: RangeInclusive<usize>,
    /// Dialled before the national number within the country; empty where nothing is.
    pub(super) trunk: &'static str,
    /// First digits of mobile numbers, trunk prefix not counted. Empty where they say nothing.
    pub(super) mobile: &'static [&'static str],
}

const fn plan(
    code: &'static str,
    country: &'static str,
    lengths: RangeInclusive<usize>,
    trunk: &'static str,
    mobile: &'static [&'static str],
) -> Plan {
    Plan { code, country, lengths, trunk, mobile }
}

/// By length and value of the calling code.
pub(super) const PLANS: &[Plan] = &[
    plan("1", "US", 10..=10, "1", &[]),
    plan("7", "RU", 10..=10, "8", &["9"]),
    plan("20", "EG", 8..=10, "0", &["10", "11", "12", "15"]),
    plan("27", "ZA", 9..=9, "0", &["6", "7", "8"]),
    plan("30", "GR", 10..=10, "", &["69"]),
    plan("31", "NL", 9..=9, "0", &["6"]),
    plan("32", "BE", 8..=9, "0", &["4"]),
    plan("33", "FR", 9..=9, "0", &["6", "7"]),
    plan("34", "ES", 9..=9, "", &["6", "7"]),
    plan("36", "HU", 8..=9, "06", &["20", "30", "31", "50", "70"]),
    plan("39", "IT", 6..=11, "", &["3"]),
    plan("40", "RO", 9..=9, "0", &["7"]),
    plan("41", "CH", 9..=9, "0", &["7"]),
    plan("43", "AT", 4..=13, "0", &["6"]),
    plan("44", "GB", 9..=10, "0", &["7"]),
    plan("45", "DK", 8..=8, "", &["2", "3", "4", "5", "6"]),
    plan("46", "SE", 7..=10, "0", &["7"]),
    plan("47", "NO", 8..=8, "", &["4", "9"]),
    plan("48", "PL", 9..=9, "", &["45", "50", "51", "53", "57", "60", "66", "69", "72", "73", "78", "79", "88"]),
    plan("49", "DE", 5..=12, "0", &["15", "16", "17"]),
    plan("51", "PE", 8..=9, "0", &["9"]),
    plan("52", "MX", 10..=11, "", &["1"]),
    plan("53", "CU", 6..=8, "0", &["5", "6"]),
    plan("54", "AR", 10..=11, "0", &["9", "11", "15"]),
    plan("55", "BR", 10..=11, "0", &[]),
    plan("56", "CL", 9..=9, "", &["9"]),
    plan("57", "CO", 8..=10, "0", &["3"]),
    plan("58", "VE", 10..=10, "0", &["4"]),
    plan("60", "MY", 8..=10, "0", &["1"]),
    plan("61", "AU", 9..=9, "0", &["4"]),
    plan("62", "ID", 8..=12, "0", &["8"]),
    plan("63", "PH", 8..=10, "0", &["9"]),
    plan("64", "NZ", 8..=10, "0", &["2"]),
    plan("65", "SG", 8..=8, "", &["8", "9"]),
    plan("66", "TH", 8..=9, "0", &["6", "8", "9"]),
    plan("81", "JP", 9..=10, "0", &["70", "80", "90", "50"]),
    plan("82", "KR", 8..=10, "0", &["1"]),
    plan("84", "VN", 9..=10, "0", &["3", "5", "7", "8", "9"]),
    plan("86", "CN", 9..=11, "0", &["13", "14", "15", "16", "17", "18", "19"]),
    plan("90", "TR", 10..=10, "0", &["5"]),
    plan("91", "IN", 10..=10, "0", &["6", "7", "8", "9"]),
    plan("92", "PK", 9..=10, "0", &["3"]),
    plan("93", "AF", 9..=9, "0", &["7"]),
    plan("94", "LK", 9..=9, "0", &["7"]),
    plan("95", "MM", 7..=10, "0", &["9"]),
    plan("98", "IR", 10..=10, "0", &["9"]),
    plan("211", "SS", 9..=9, "0", &["9"]),
    plan("212", "MA", 9..=9, "0", &["6", "7"]),
    plan("213", "DZ", 8..=9, "0", &["5", "6", "7"]),
    plan("216", "TN", 8..=8, "", &["2", "4", "5", "9"]),
    plan("218", "LY", 8..=9, "0", &["9"]),
    plan("220", "GM", 7..=7, "", &[]),
    plan("221", "SN", 9..=9, "", &["7"]),
    plan("222", "MR", 8..=8, "", &[]),
    plan("223", "ML", 8..=8, "", &["6", "7"]),
    plan("224", "GN", 9..=9, "", &["6"]),
    plan("225", "CI", 10..=10, "", &[]),
    plan("226", "BF", 8..=8, "", &["5", "6", "7"]),
    plan("227", "NE", 8..=8, "", &["9"]),
    plan("228", "TG", 8..=8, "", &["9", "7"]),
    plan("229", "BJ", 8..=10, "", &[]),
    plan("230", "MU", 7..=8, "", &["5"]),
    plan("231", "LR", 7..=9, "0", &[]),
    plan("232", "SL", 8..=8, "0", &[]),
    plan("233", "GH", 9..=9, "0", &["2", "5"]),
    plan("234", "NG", 8..=10, "0", &["7", "8", "9"]),
    plan("235", "TD", 8..=8, "", &["6", "7", "9"]),
    plan("236", "CF", 8..=8, "", &["7"]),
    plan("237", "CM", 8..=9, "", &["6"]),
    plan("238", "CV", 7..=7, "", &["9"]),
    plan("239", "ST", 7..=7, "", &["9"]),
    plan("240", "GQ", 9..=9, "", &["2", "5"]),
    plan("241", "GA", 7..=8, "0", &["6", "7"]),
    plan("242", "CG", 9..=9, "", &["0"]),
    plan("243", "CD", 9..=9, "0", &["8", "9"]),
    plan("244", "AO", 9..=9, "", &["9"]),
    plan("245", "GW", 7..=9, "", &["9"]),
    plan("246", "IO", 7..=7, "", &["3"]),
    plan("247", "AC", 5..=6, "", &[]),
    plan("248", "SC", 7..=7, "", &["2"]),
    plan("249", "SD", 9..=9, "0", &["9", "1"]),
    plan("250", "RW", 9..=9, "0", &["7"]),
    plan("251", "ET", 9..=9, "0", &["9"]),
    plan("252", "SO", 7..=9, "0", &["6", "7", "9"]),
    plan("253", "DJ", 8..=8, "", &["7"]),
    plan("254", "KE", 9..=9, "0", &["7", "1"]),
    plan("255", "TZ", 9..=9, "0", &["6", "7"]),
    plan("256", "UG", 9..=9, "0", &["7"]),
    plan("257", "BI", 8..=8, "", &["6", "7"]),
    plan("258", "MZ", 8..=9, "", &["8"]),
    plan("260", "ZM", 9..=9, "0", &["9", "7"]),
    plan("261", "MG", 9..=9, "0", &["3"]),
    plan("262", "RE", 9..=9, "0", &["6"]),
    plan("263", "ZW", 8..=9, "0", &["7"]),
    plan("264", "NA", 8..=9, "0", &["8"]),
    plan("265", "MW", 7..=9, "0", &["8", "9"]),
    plan("266", "LS", 8..=8, "", &["5", "6"]),
    plan("267", "BW", 7..=8, "", &["7"]),
    plan("268", "SZ", 8..=8, "", &["7"]),
    plan("269", "KM", 7..=7, "", &["3"]),
    plan("290", "SH", 4..=5, "", &[]),
    plan("291", "ER", 7..=7, "0", &["7"]),
    plan("297", "AW", 7..=7, "", &["5", "6", "7"]),
    plan("298", "FO", 6..=6, "", &[]),
    plan("299", "GL", 6..=6, "", &[]),
    plan("350", "GI", 8..=8, "", &["5"]),
    plan("351", "PT", 9..=9, "", &["9"]),
    plan("352", "LU", 4..=11, "", &["6"]),
    plan("353", "IE", 7..=9, "0", &["8"]),
    plan("354", "IS", 7..=9, "", &["6", "7", "8"]),
    plan("355", "AL", 8..=9, "0", &["6"]),
    plan("356", "MT", 8..=8, "", &["7", "9"]),
    plan("357", "CY", 8..=8, "", &["9"]),
    plan("358", "FI", 5..=12, "0", &["4", "50"]),
    plan("359", "BG", 7..=9, "0", &["8", "9"]),
    plan("370", "LT", 8..=8, "0", &["6"]),
    plan("371", "LV", 8..=8, "", &["2"]),
    plan("372", "EE", 7..=8, "", &["5", "8"]),
    plan("373", "MD", 8..=8, "0", &["6", "7"]),
    plan("374", "AM", 8..=8, "0", &["4", "5", "7", "9"]),
    plan("375", "BY", 9..=10, "8", &["25", "29", "33", "44"]),
    plan("376", "AD", 6..=9, "", &["3", "6"]),
    plan("377", "MC", 8..=9, "", &["4", "6"]),
    plan("378", "SM", 6..=10, "", &["6"]),
    plan("379", "VA", 6..=11, "", &[]),
    plan("380", "UA", 9..=9, "0", &["39", "50", "63", "66", "67", "68", "73", "9"]),
    plan("381", "RS", 7..=10, "0", &["6"]),
    plan("382", "ME", 8..=9, "0", &["6"]),
    plan("383", "XK", 8..=9, "0", &["4"]),
    plan("385", "HR", 8..=9, "0", &["9"]),
    plan("386", "SI", 8..=8, "0", &["3", "4", "5", "6", "7"]),
    plan("387", "BA", 8..=9, "0", &["6"]),
    plan("389", "MK", 8..=8, "0", &["7"]),
    plan("420", "CZ", 9..=9, "", &["6", "7"]),
    plan("421", "SK", 9..=9, "0", &["9"]),
    plan("423", "LI", 7..=9, "", &["6", "7"]),
    plan("500", "FK", 5..=5, "", &[]),
    plan("501", "BZ", 7..=7, "", &["6"]),
    plan("502", "GT", 8..=8, "", &["3", "4", "5"]),
    plan("503", "SV", 8..=8, "", &["6", "7"]),
    plan("504", "HN", 8..=8, "", &["3", "7", "8", "9"]),
    plan("505", "NI", 8..=8, "", &["5", "7", "8"]),
    plan("506", "CR", 8..=8, "", &["5", "6", "7", "8"]),
    plan("507", "PA", 7..=8, "", &["6"]),
    plan("508", "PM", 6..=9, "0", &[]),
    plan("509", "HT", 8..=8, "", &["3", "4"]),
    plan("590", "GP", 9..=9, "0", &["6"]),
    plan("591", "BO", 8..=8, "0", &["6", "7"]),
    plan("592", "GY", 7..=7, "", &["6"]),
    plan("593", "EC", 8..=9, "0", &["9"]),
    plan("594", "GF", 9..=9, "0", &["6"]),
    plan("595", "PY", 7..=9, "0", &["9"]),
    plan("596", "MQ", 9..=9, "0", &["6"]),
    plan("597", "SR", 6..=7, "", &["7", "8"]),
    plan("598", "UY", 8..=8, "0", &["9"]),
    plan("599", "CW", 7..=8, "", &["9"]),
    plan("670", "TL", 7..=8, "", &["7"]),
    plan("672", "NF", 5..=6, "", &[]),
    plan("673", "BN", 7..=7, "", &["7", "8"]),
    plan("674", "NR", 7..=7, "", &["5"]),
    plan("675", "PG", 7..=8, "", &["7"]),
    plan("676", "TO", 5..=7, "", &["7", "8"]),
    plan("677", "SB", 5..=7, "", &["7"]),
    plan("678", "VU", 5..=7, "", &["5", "7"]),
    plan("679", "FJ", 7..=7, "", &["7", "9"]),
    plan("680", "PW", 7..=7, "", &["7"]),
    plan("681", "WF", 6..=6, "", &[]),
    plan("682", "CK", 5..=5, "", &["7"]),
    plan("683", "NU", 4..=7, "", &[]),
    plan("685", "WS", 5..=10, "", &["7"]),
    plan("686", "KI", 5..=8, "", &["7"]),
    plan("687", "NC", 6..=6, "", &["7", "8", "9"]),
    plan("688", "TV", 5..=7, "", &["9"]),
    plan("689", "PF", 6..=8, "", &["8"]),
    plan("690", "TK", 4..=7, "", &[]),
    plan("691", "FM", 7..=7, "", &["9"]),
    plan("692", "MH", 7..=7, "", &[]),
    plan("800", "XF", 8..=8, "", &[]),
    plan("808", "XS", 8..=8, "", &[]),
    plan("850", "KP", 6..=10, "0", &["19"]),
    plan("852", "HK", 8..=8, "", &["5", "6", "9"]),
    plan("853", "MO", 8..=8, "", &["6"]),
    plan("855", "KH", 8..=9, "0", &["1", "6", "7", "8", "9"]),
    plan("856", "LA", 8..=10, "0", &["20"]),
    plan("870", "XI", 9..=9, "", &[]),
    plan("878", "XP", 12..=12, "", &[]),
    plan("880", "BD", 8..=10, "0", &["1"]),
    plan("881", "XG", 8..=9, "", &[]),
    plan("882", "XN", 7..=12, "", &[]),
    plan("883", "XN", 7..=12, "", &[]),
    plan("886", "TW", 8..=9, "0", &["9"]),
    plan("960", "MV", 7..=7, "", &["7", "9"]),
    plan("961", "LB", 7..=8, "0", &["3", "7", "8"]),
    plan("962", "JO", 8..=9, "0", &["7"]),
    plan("963", "SY", 8..=9, "0", &["9"]),
    plan("964", "IQ", 8..=10, "0", &["7"]),
    plan("965", "KW", 8..=8, "", &["5", "6", "9"]),
    plan("966", "SA", 8..=9, "0", &["5"]),
    plan("967", "YE", 7..=9, "0", &["7"]),
    plan("968", "OM", 8..=8, "", &["7", "9"]),
    plan("970", "PS", 8..=9, "0", &["5"]),
    plan("971", "AE", 8..=9, "0", &["5"]),
    plan("972", "IL", 8..=9, "0", &["5"]),
    plan("973", "BH", 8..=8, "", &["3", "6"]),
    plan("974", "QA", 8..=8, "", &["3", "5", "6", "7"]),
    plan("975", "BT", 7..=8, "", &["1", "7"]),
    plan("976", "MN", 8..=8, "0", &["8", "9"]),
    plan("977", "NP", 8..=10, "0", &["9"]),
    plan("979", "XR", 9..=9, "", &[]),
    plan("992", "TJ", 9..=9, "8", &["9"]),
    plan("993", "TM", 8..=8, "8", &["6"]),
    plan("994", "AZ", 9..=9, "0", &["4", "5", "7"]),
    plan("995", "GE", 9..=9, "0", &["5"]),
    plan("996", "KG", 9..=9, "0", &["5", "7"]),
    plan("998", "UZ", 9..=9, "8", &["9"]),
];

/// The plan that a number with its calling code belongs to, and the national number. No calling code begins another.
pub(super) fn of_international(number: &str) -> Option<(&'static Plan, &str)> {
    (1..=3).find_map(|length| {
        let (code, national) = number.split_at_checked(length)?;
        let index = PLANS.binary_search_by(|plan| (plan.code.len(), plan.code).cmp(&(length, code))).ok()?;
        PLANS.get(index).map(|plan| (plan, national))
    })
}

/// The first plan in which a number dialled with its trunk prefix is one of a mobile telephone, else the first with
/// numbers of that length.
pub(super) fn of_national(number: &str, trunk: &str) -> Option<(&'static Plan, Use)> {
    let national = number.strip_prefix(trunk)?;
    let fits = |plan: &&Plan| plan.trunk == trunk && plan.lengths.contains(&national.len());
    let mobile = |plan: &&Plan| fits(plan) && plan.mobile.iter().any(|start| national.starts_with(start));
    let found = PLANS.iter().find(mobile).map(|plan| (plan, Use::Mobile));
    found.or_else(|| PLANS.iter().find(fits).map(|plan| (plan, Use::Any)))
}

/// What a number is for, as far as its first digits say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A mobile telephone.
    Mobile,
    /// Anything.
    Any,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_in_order_and_no_code_begins_another() {
        assert!(PLANS.is_sorted_by_key(|plan| (plan.code.len(), plan.code)));
        for plan in PLANS {
            let longer = PLANS.iter().find(|other| other.code != plan.code && other.code.starts_with(plan.code));
            assert!(longer.is_none(), "{} begins {longer:?}", plan.code);
        }
    }

    #[test]
    fn a_number_belongs_to_the_plan_of_its_code() {
        let country = |number| of_international(number).map(|(plan, national)| (plan.country, national));
        assert_eq!(country("4930901820"), Some(("DE", "30901820")));
        assert_eq!(country("35312345678"), Some(("IE", "12345678")));
        assert_eq!(country("999123"), None);
    }

    #[test]
    fn numbers_with_a_trunk_prefix_find_a_plan() {
        assert_eq!(of_national("07911123456", "0").map(|(_, use_)| use_), Some(Use::Mobile));
        assert_eq!(of_national("89123456789", "8").map(|(plan, _)| plan.country), Some("RU"));
        assert!(of_national("012", "0").is_none());
    }
}
