//! `[mask]`: lifetime of originals, what is never restored, and how people are told.

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
