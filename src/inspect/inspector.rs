//! Everything an inspection needs to know, immutable: rules, sites, policies, settings. A reload makes a new one.

use crate::{
    detect::Detector,
    policy::{Mode, Policies},
    site::Catalogue,
    wire::Limits,
};

/// Settings of the inspection half, resolved from the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Cap on what is enforced.
    pub mode: Mode,
    /// Bounds for every codec.
    pub limits: Limits,
    /// Findings below this confidence are dropped. 0–1.
    pub min_confidence: f32,
    /// A prompt that cannot be read passes (and is recorded) instead of being refused.
    pub pass_unreadable: bool,
    /// Categories whose originals never enter the vault.
    pub never_restore: Vec<String>,
    /// Web chat answers to a masked prompt end with one line that says so.
    pub notice: bool,
    /// Sites for which `notice` differs.
    pub notice_by_site: Vec<(String, bool)>,
    /// Sites whose refusals are phrased otherwise than the site file says: `true` is a normal answer, `false` an error.
    pub refuse_in_words: Vec<(String, bool)>,
    /// Tools whose arguments are restored while they stream; `None`: the built-in list.
    pub restore_tools: Option<Vec<String>>,
    /// Address of the employee's page, linked from notices; `None` leaves the link out.
    pub employee_page: Option<String>,
    /// Whom refusals tell people to ask.
    pub contact: String,
    /// Log events carry previews.
    pub previews: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            limits: Limits::default(),
            min_confidence: 0.5,
            pass_unreadable: false,
            never_restore: vec!["CARD".to_owned(), "PRIVATEKEY".to_owned()],
            notice: true,
            notice_by_site: Vec::new(),
            refuse_in_words: Vec::new(),
            restore_tools: None,
            employee_page: None,
            contact: "your security team".to_owned(),
            previews: true,
        }
    }
}

impl Settings {
    /// Whether answers of this site end with the notice.
    #[must_use]
    pub fn notice_for(&self, site: &str, site_default: bool) -> bool {
        match self.notice_by_site.iter().find(|(id, _)| id == site) {
            Some((_, notice)) => *notice,
            None => self.notice && site_default,
        }
    }

    /// Whether originals of this category may be kept.
    #[must_use]
    pub fn restorable(&self, category: &str) -> bool {
        !self.never_restore.iter().any(|never| never == category)
    }
}

/// What one generation of rules, sites and policies makes of exchanges. Shared by `Arc`, swapped on reload.
pub struct Inspector {
    /// The rules.
    pub detector: Detector,
    /// The sites.
    pub catalogue: Catalogue,
    /// The policies.
    pub policies: Policies,
    /// The settings.
    pub settings: Settings,
}
