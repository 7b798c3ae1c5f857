//! `[detect.model]`: a token classifier that looks for names and addresses where rules find nothing.

use std::{collections::BTreeMap, path::PathBuf};

use super::{
    section::Section,
    value::{Value, Wrong, quoted},
};
use crate::detect::Category;

/// `[detect.model]`
#[derive(Debug, Clone)]
pub struct Model {
    /// Folder with an `.onnx` file and `tokenizer.json`; `None`: no model.
    pub path: Option<PathBuf>,
    /// Category of each kind that is not to have its usual one.
    pub kinds: Written,
    /// Default 0.7.
    pub min_score: f32,
    /// Tokens of one text. Default 4096.
    pub budget_tokens: usize,
    /// Default 2000.
    pub budget_ms: u64,
    /// Default 2.
    pub threads: usize,
}

/// Kinds and their categories, as they are written; `None`: not looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written(pub BTreeMap<String, Option<Category>>);

impl Default for Model {
    fn default() -> Self {
        Self { path: None, kinds: Written::default(), min_score: 0.7, budget_tokens: 4096, budget_ms: 2000, threads: 2 }
    }
}

impl Model {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Self {
        let default = Self::default();
        Self {
            path: section.optional(
                "path",
                "\"/opt/scrim/rampart\"",
                "Folder with one `.onnx` file (there or in `onnx/`), `tokenizer.json` (WordPiece, as BERT's) and `config.json` or `labels.json` with the labels' names. Relative to this file. Unset: no model. Read again by `scrim reload`.",
            ),
            kinds: section.get(
                "kinds",
                default.kinds,
                "Category of each of the model's kinds, where it is to be another than the usual one; an empty one is not looked for. The usual ones are in docs/model.md.",
            ),
            min_score: section.get(
                "min_score",
                default.min_score,
                "Least score of a word from which it is taken for a name. Findings get a confidence of 0.5 at this score and 0.75 at 1.",
            ),
            budget_tokens: section.count(
                "budget_tokens",
                default.budget_tokens,
                16..=1 << 20,
                "Tokens of one text (a message, a file) that the model looks at, about 4 letters each. What is beyond is searched by rules alone, and the log says so.",
            ),
            budget_ms: section.count(
                "budget_ms",
                default.budget_ms,
                1..=600_000,
                "Milliseconds that the model may take for one prompt. When they are over, the rest is searched by rules alone, and the log says so. Texts that it has seen before cost nothing.",
            ),
            threads: section.count(
                "threads",
                default.threads,
                1..=256,
                "Cores that the model may use for all prompts together.",
            ),
        }
    }
}

impl Value for Written {
    fn expected() -> String {
        "a table like { CITY = \"\", ORG = \"COMPANY\" }".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let table = value.as_inline_table().ok_or(Wrong::Form)?;
        let mut written = BTreeMap::new();
        for (kind, category) in table {
            let at = category.span().unwrap_or_default();
            let wrong = |wrong| Wrong::Element(at.clone(), Box::new(wrong));
            let named = category.as_str().ok_or_else(|| wrong(Wrong::Form))?;
            let category = if named.is_empty() {
                None
            } else {
                Some(Category::parse(named).map_err(|error| wrong(Wrong::Reason(error.to_string())))?)
            };
            written.insert(kind.to_owned(), category);
        }
        Ok(Self(written))
    }

    fn show(&self) -> String {
        let name = |category: &Option<Category>| quoted(category.as_ref().map_or("", Category::as_str));
        let shown: Vec<String> = self.0.iter().map(|(kind, category)| format!("{kind} = {}", name(category))).collect();
        if shown.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", shown.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Config, detect::model::kinds};

    #[test]
    fn a_model_is_read_with_its_kinds() {
        let text =
            "[detect.model]\npath = \"rampart\"\nkinds = { CITY = \"\", ORG = \"COMPANY\" }\nbudget_tokens = 100\n";
        let model = Config::parse("scrim.toml", text).unwrap().detect.model;
        assert_eq!(model.kinds.show(), "{ CITY = \"\", ORG = \"COMPANY\" }");
        assert_eq!((model.path, model.budget_tokens, model.threads), (Some("rampart".into()), 100, 2));
        assert!(Config::default().detect.model.path.is_none());
        let section = "[detect.model]\npath = \"rampart\"\n[detect.model.kinds]\nORG = \"COMPANY\"\n";
        assert_eq!(Config::parse("scrim.toml", section).unwrap().detect.model.kinds.0.len(), 1);
    }

    #[test]
    fn what_cannot_be_is_told() {
        for (line, told) in [
            ("kinds = { CITY = \"city\" }", "category `city` is not 2–16 upper-case"),
            ("kinds = { CITY = 1 }", "`kinds` cannot be `1`"),
            ("budget_tokens = 1", "from 16 to"),
            ("min_score = 7", "a number from 0 to 1"),
            ("paths = \"x\"", "did you mean `path`?"),
        ] {
            let error = Config::parse("scrim.toml", &format!("[detect.model]\n{line}\n")).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }

    #[test]
    fn the_page_about_models_has_every_usual_category() {
        let page = include_str!("../../docs/model.md");
        for (kind, category) in kinds::DEFAULTS {
            let worth = if category.is_empty() { "not looked for".to_owned() } else { format!("`{category}`") };
            let row = format!("| `{kind}` | {worth} |");
            assert!(page.contains(&row), "docs/model.md lacks the row {row}");
        }
    }
}
