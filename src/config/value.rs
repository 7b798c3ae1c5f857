//! How single TOML values become typed options and are written back for the reference.
//! Does not know which option a value belongs to.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;

use super::problem;

/// Why a value cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// Another type or form altogether.
    Form,
    /// A word that is none of the choices; the nearest one, if any.
    Word {
        /// What was written.
        word: String,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// The right form, but not possible: the reason.
    Reason(String),
    /// The element of an array that is wrong, and why.
    Element(std::ops::Range<usize>, Box<Wrong>),
}

/// A type that an option can have.
pub(crate) trait Value: Sized {
    /// What is expected, in words: `a whole number`.
    fn expected() -> String;
    /// Reads it.
    fn read(value: &toml_edit::Value) -> Result<Self, Wrong>;
    /// As TOML.
    fn show(&self) -> String;
}

/// An enum whose values are words.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// Every word with its value, in the order people should read them.
    const WORDS: &'static [(&'static str, Self)];
}

impl<T: Choice> Value for T {
    fn expected() -> String {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        problem::either(&words)
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let written = value.as_str().ok_or(Wrong::Form)?;
        let found = T::WORDS.iter().find(|(word, _)| *word == written).map(|(_, choice)| *choice);
        found.ok_or_else(|| {
            let words: Vec<&'static str> = T::WORDS.iter().map(|(word, _)| *word).collect();
            Wrong::Word { word: written.to_owned(), nearest: problem::nearest(written, &words) }
        })
    }

    fn show(&self) -> String {
        let word = T::WORDS.iter().find(|(_, choice)| choice == self).map_or("", |(word, _)| *word);
        quoted(word)
    }
}

impl Value for bool {
    fn expected() -> String {
        problem::either(&["true", "false"])
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        value.as_bool().ok_or(Wrong::Form)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for String {
    fn expected() -> String {
        "a text in quotes".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        value.as_str().map(str::to_owned).ok_or(Wrong::Form)
    }

    fn show(&self) -> String {
        quoted(self)
    }
}

impl Value for PathBuf {
    fn expected() -> String {
        "a path in quotes".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        value.as_str().filter(|path| !path.is_empty()).map(PathBuf::from).ok_or(Wrong::Form)
    }

    fn show(&self) -> String {
        quoted(&self.display().to_string())
    }
}

/// A confidence or share.
impl Value for f32 {
    fn expected() -> String {
        "a number from 0 to 1".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let number = value.as_float().or_else(|| match value.as_integer() {
            Some(0) => Some(0.0),
            Some(1) => Some(1.0),
            Some(_) | None => None,
        });
        let number = number.filter(|n| (0.0..=1.0).contains(n)).ok_or(Wrong::Form)?;
        number.to_string().parse().map_err(|_| Wrong::Form)
    }

    fn show(&self) -> String {
        format!("{self:?}")
    }
}

impl Value for SocketAddr {
    fn expected() -> String {
        "an address with a port, like \"127.0.0.1:8877\" or \"[::1]:8877\"".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        value.as_str().ok_or(Wrong::Form)?.parse().map_err(|_| Wrong::Form)
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

impl Value for IpNet {
    fn expected() -> String {
        "an address or a range, like \"10.1.2.3\" or \"10.0.0.0/8\"".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let written = value.as_str().ok_or(Wrong::Form)?;
        let one = || written.parse::<IpAddr>().map(IpNet::from);
        written.parse().or_else(|_| one()).map_err(|_| Wrong::Form)
    }

    fn show(&self) -> String {
        quoted(&self.to_string())
    }
}

/// A TCP port other than 0.
impl Value for u16 {
    fn expected() -> String {
        "a port from 1 to 65535".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let number = value.as_integer().ok_or(Wrong::Form)?;
        Self::try_from(number).ok().filter(|port| *port != 0).ok_or(Wrong::Form)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A SHA-256 hash in hex.
impl Value for [u8; 32] {
    fn expected() -> String {
        "64 hex digits, as `printf %s TOKEN | sha256sum` prints them".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let written = value.as_str().ok_or(Wrong::Form)?;
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(written.as_bytes()).map_err(|_| Wrong::Form)?;
        Self::try_from(bytes.as_slice()).map_err(|_| Wrong::Form)
    }

    fn show(&self) -> String {
        quoted(&data_encoding::HEXLOWER.encode(self))
    }
}

impl<T: Value> Value for Vec<T> {
    fn expected() -> String {
        format!("a list in brackets of: {}", T::expected())
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let array = value.as_array().ok_or(Wrong::Form)?;
        let one = |element: &toml_edit::Value| {
            T::read(element).map_err(|wrong| Wrong::Element(element.span().unwrap_or_default(), Box::new(wrong)))
        };
        array.iter().map(one).collect()
    }

    fn show(&self) -> String {
        let shown: Vec<String> = self.iter().map(Value::show).collect();
        format!("[{}]", shown.join(", "))
    }
}

/// `{ "host:port" = "ip:port" }`
impl Value for HashMap<String, SocketAddr> {
    fn expected() -> String {
        "a table like { \"chatgpt.com:443\" = \"127.0.0.1:9443\" }".to_owned()
    }

    fn read(value: &toml_edit::Value) -> Result<Self, Wrong> {
        let table = value.as_inline_table().ok_or(Wrong::Form)?;
        let mut pairs = HashMap::new();
        for (name, target) in table {
            let at = target.span().unwrap_or_default();
            let has_port =
                name.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
            if !has_port {
                let reason = format!("`{name}` names no port");
                return Err(Wrong::Element(at, Box::new(Wrong::Reason(reason))));
            }
            let address = SocketAddr::read(target).map_err(|wrong| Wrong::Element(at, Box::new(wrong)))?;
            pairs.insert(name.to_lowercase(), address);
        }
        Ok(pairs)
    }

    fn show(&self) -> String {
        let mut shown: Vec<String> =
            self.iter().map(|(name, target)| format!("{} = {}", quoted(name), quoted(&target.to_string()))).collect();
        shown.sort();
        if shown.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", shown.join(", ")) }
    }
}

/// A TOML basic string.
pub(crate) fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string().trim().to_owned()
}
