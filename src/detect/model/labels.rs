//! What the numbers of a token classifier mean: `B-GIVEN_NAME`, `I-CITY`, `O`. Reads `config.json` or `labels.json`;
//! does not know what a kind is worth.

use serde_json::Value;

use super::ModelError;

/// Labels of one model at most: a network that tells more kinds of tokens apart tags no names.
const LABELS_MAX: usize = 1024;

/// What one number stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Index of its kind; `None` is `O`.
    pub kind: Option<usize>,
    /// The label says that an entity begins here (`B-`, `S-`, `U-`).
    pub begins: bool,
}

/// The labels of a model, in the order of its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    list: Vec<Label>,
    kinds: Vec<String>,
}

impl Labels {
    /// Reads `{"id2label": {"0": "O", …}}` (`config.json`), `{"0": "O", …}` or `["O", …]` (`labels.json`).
    ///
    /// # Errors
    /// When it is none of these, has a gap, or only `O`.
    pub fn read(file: &'static str, bytes: &[u8]) -> Result<Self, ModelError> {
        let wrong = |reason: &str| ModelError::Labels { file, reason: reason.to_owned() };
        let value: Value = serde_json::from_slice(bytes).map_err(|error| wrong(&format!("no JSON ({error})")))?;
        let named = value.get("id2label").unwrap_or(&value);
        let names: Option<Vec<&str>> = match named {
            Value::Array(names) => names.iter().map(Value::as_str).collect(),
            Value::Object(names) => {
                (0..names.len()).map(|number| names.get(&number.to_string()).and_then(Value::as_str)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        let expected = "expected `id2label` with a name for each number from 0, or a list of names";
        let names = names.filter(|names| !names.is_empty()).ok_or_else(|| wrong(expected))?;
        if names.len() > LABELS_MAX {
            return Err(wrong(&format!("{} labels; {LABELS_MAX} at most", names.len())));
        }
        let labels = Self::new(&names);
        if labels.kinds.is_empty() { Err(wrong("no label but `O`")) } else { Ok(labels) }
    }

    fn new(names: &[&str]) -> Self {
        let mut labels = Self { list: Vec::with_capacity(names.len()), kinds: Vec::new() };
        for name in names {
            let label = labels.label(name);
            labels.list.push(label);
        }
        labels
    }

    fn label(&mut self, name: &str) -> Label {
        if name == "O" {
            return Label { kind: None, begins: false };
        }
        let (begins, kind) = match name.split_once('-') {
            Some(("B" | "S" | "U", kind)) => (true, kind),
            Some(("I" | "E" | "L" | "M", kind)) => (false, kind),
            Some(_) | None => (false, name),
        };
        let known = self.kinds.iter().position(|known| known == kind);
        let index = known.unwrap_or_else(|| {
            self.kinds.push(kind.to_owned());
            self.kinds.len() - 1
        });
        Label { kind: Some(index), begins }
    }

    /// Number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Never: a model without labels is an error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// In the order of the model's numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Label> {
        self.list.iter()
    }

    /// Names of the kinds, in the order in which labels name them first.
    #[must_use]
    pub fn kinds(&self) -> &[String] {
        &self.kinds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_in_each_of_their_forms() {
        let expected = Labels::new(&["O", "B-CITY", "I-CITY", "PER"]);
        for text in [
            r#"{"id2label": {"0": "O", "2": "I-CITY", "1": "B-CITY", "3": "PER"}, "hidden_size": 3}"#,
            r#"{"0": "O", "1": "B-CITY", "2": "I-CITY", "3": "PER"}"#,
            r#"["O", "B-CITY", "I-CITY", "PER"]"#,
        ] {
            assert_eq!(Labels::read("labels.json", text.as_bytes()).unwrap(), expected, "{text}");
        }
        assert_eq!(expected.kinds(), ["CITY", "PER"]);
        let begins: Vec<bool> = expected.iter().map(|label| label.begins).collect();
        assert_eq!(begins, [false, true, false, false]);
    }

    #[test]
    fn what_names_no_labels_is_told_with_its_file() {
        for (text, told) in [
            ("", "no JSON"),
            ("[]", "a name for each number from 0"),
            ("[1]", "a name for each number from 0"),
            (r#"{"0": "O", "2": "X"}"#, "a name for each number from 0"),
            (r#"{"hidden_size": 3}"#, "a name for each number from 0"),
            (r#"["O"]"#, "no label but `O`"),
        ] {
            let error = Labels::read("config.json", text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("`config.json`: ") && error.contains(told), "{error}");
        }
    }
}
