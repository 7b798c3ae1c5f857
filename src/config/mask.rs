//! `[mask]`: lifetime of originals, what is never restored, and how people are told.

use super::section::Section;
use crate::detect::Category;

/// `[mask]`
#[derive(Debug, Clone)]
pub struct Mask {
    /// Days an original can be restored after its last use. Default 30.
    pub lifetime_days: u32,
    /// Categories whose originals never enter the vault. Default `CARD`, `PRIVATEKEY`.
    pub never_restore: Vec<String>,
    /// A web chat answer to a masked prompt ends with one line that says so. Default true.
    pub notice: bool,
    /// Tools whose arguments are restored while they stream; `None`: the built-in list of file tools.
    pub restore_tools: Option<Vec<String>>,
}

impl Default for Mask {
    fn default() -> Self {
        Self {
            lifetime_days: 30,
            never_restore: vec!["CARD".to_owned(), "PRIVATEKEY".to_owned()],
            notice: true,
            restore_tools: None,
        }
    }
}

impl Mask {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        let mask = Self {
            lifetime_days: section.count(
                "lifetime_days",
                default.lifetime_days,
                1..=3650,
                "Days after its last use that an original can still be restored. Then its key is deleted.",
            ),
            never_restore: section.get(
                "never_restore",
                default.never_restore,
                "Categories whose originals never enter the vault: masked, and never restored.",
            ),
            notice: section.get(
                "notice",
                default.notice,
                "A web chat's answer to a masked prompt ends with one line that says what was hidden.",
            ),
            restore_tools: section.optional(
                "restore_tools",
                "[\"Edit\", \"Write\"]",
                "Tools of agents whose arguments are restored while they stream; unset: the usual file tools.",
            ),
        };
        let broken = mask.never_restore.iter().find_map(|name| Category::parse(name).err());
        if let Some(broken) = broken {
            section.reject("never_restore", broken.to_string(), Some("names like \"CARD\""), None);
        }
        mask
    }
}
