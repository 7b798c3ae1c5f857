//! The page `docs/rules.md`: every built-in rule in a line, grouped by file. Made from the rules themselves.

use std::collections::BTreeMap;

use super::super::{CliError, Outcome, output::Stdout};
use crate::detect::{Detector, Rule};

/// Prints the page.
pub(super) fn run() -> Result<Outcome, CliError> {
    let mut out = Stdout::open();
    out.bytes(page(&Detector::built_in()?).as_bytes())?;
    out.flush()?;
    Ok(Outcome::Fine)
}

fn page(detector: &Detector) -> String {
    let mut files: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in detector.rules() {
        files.entry(&rule.place.path).or_default().push(rule);
    }
    let mut page = format!(
        "# Rules\n\n<!-- Made by `scrim rules docs`; a test compares. Edit the files in `rules/`. -->\n\n\
         {} rules in {} files. `scrim rules show ID` prints one with its pattern and examples, `scrim rules list TEXT` \
         looks for some, `[detect] disable` takes one out of force, `scrim rules new` begins one of your own. \
         `rules/README.md` describes their form.\n",
        detector.rule_count(),
        files.len()
    );
    for (path, mut rules) in files {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
        let name = path.strip_prefix("rules/").unwrap_or(path);
        page.push_str(&format!("\n## {name}\n\n| id | what | category | severity | from |\n|---|---|---|---|---|\n"));
        rules.iter().for_each(|rule| page.push_str(&line(rule)));
    }
    page
}

fn line(rule: &Rule) -> String {
    let (id, title, category) = (&rule.id, cell(&rule.title), &rule.category);
    format!("| `{id}` | {title} | {category} | {} | {} |\n", rule.severity.as_str(), cell(&rule.source))
}

/// Text that cannot end its cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_docs_is_the_one_made_from_the_rules() {
        let page_in_docs = std::fs::read_to_string("docs/rules.md").unwrap();
        assert!(page_in_docs == page(&Detector::built_in().unwrap()), "run: scrim rules docs > docs/rules.md");
    }
}
