//! The reference of every option, as a commented `scrim.toml` and as the page `docs/configuration.md`. Made from the
//! same calls that parse the file; holds no option's text itself.

use super::{parse, section::Entry};

/// Width at which comments are wrapped.
const WIDTH: usize = 110;

/// Every option with its default: valid TOML in which each option is commented out.
#[must_use]
pub fn toml() -> String {
    let mut out = String::from(
        "# Scrim's configuration. Every option stands here with its default, commented out.\n\
         # Lines that begin with `#` and no space are options; those marked \"no default\" show an example.\n",
    );
    for entry in parse::entries() {
        match entry {
            Entry::Section { header, repeated, doc } => {
                out.push('\n');
                comment(&mut out, doc);
                let mark = if repeated { "#" } else { "" };
                out.push_str(&format!("{mark}{header}\n"));
            }
            Entry::Option { key, value, has_default, doc } => {
                let note = if has_default { "" } else { " (no default)" };
                out.push('\n');
                comment(&mut out, &format!("{doc}{note}"));
                out.push_str(&format!("#{key} = {value}\n"));
            }
        }
    }
    out
}

/// The page `docs/configuration.md`.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         <!-- Made by `scrim check --defaults --format markdown`; a test compares. Edit the texts in `src/config/`. -->\n\n\
         `scrim up` needs no configuration. `--config FILE` or `SCRIM_CONFIG` names one; `scrim check --config FILE` \
         validates it, `scrim check --defaults` prints one to start from. Relative paths are relative to the file. \
         Unknown options are errors. `scrim reload` or SIGHUP reads the file again; when it is wrong, the old one stays \
         in force. `[proxy]`, `[local]`, `[audit]`, `[console]` and `[telemetry]` take effect at the next start.\n\n\
         ## Top level\n\n| option | default | meaning |\n|---|---|---|\n",
    );
    for entry in parse::entries() {
        match entry {
            Entry::Section { header, repeated, doc } => {
                let times = if repeated { " May be repeated." } else { "" };
                out.push_str(&format!(
                    "\n## `{header}`\n\n{doc}{times}\n\n| option | default | meaning |\n|---|---|---|\n"
                ));
            }
            Entry::Option { key, value, has_default, doc } => {
                let value = value.replace('|', "\\|");
                let shown = if has_default { format!("`{value}`") } else { format!("none; example `{value}`") };
                out.push_str(&format!("| `{key}` | {shown} | {} |\n", doc.replace('|', "\\|")));
            }
        }
    }
    out
}

fn comment(out: &mut String, text: &str) {
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_printed_defaults_are_a_configuration_that_changes_nothing() {
        let config = Config::parse("defaults.toml", &toml()).unwrap();
        assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
    }

    #[test]
    fn every_printed_option_is_taken_when_its_comment_mark_is_removed() {
        let lines = toml();
        let uncommented: Vec<&str> = lines
            .lines()
            .filter(|line| !line.starts_with("# "))
            .map(|line| line.strip_prefix('#').unwrap_or(line))
            .collect();
        Config::parse("defaults.toml", &uncommented.join("\n")).unwrap();
    }

    #[test]
    fn the_page_in_docs_is_the_one_made_from_the_options() {
        let page = std::fs::read_to_string("docs/configuration.md").unwrap();
        assert!(page == markdown(), "run: scrim check --defaults --format markdown > docs/configuration.md");
    }
}
