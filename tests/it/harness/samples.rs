//! Values that a prompt may carry by mistake. All are invented; the private key is made afresh in each run, so that
//! none lies in the repository.

use rcgen::KeyPair;

/// An e-mail address of a person.
pub(crate) const EMAIL: &str = "katarzyna.wrona@northwind-freight.com";

/// An access key id of a large cloud, in two pieces, so that no scanner of repositories takes it for one.
pub(crate) const CLOUD_KEY: &str = concat!("AKIA", "Q3EGRZ2XN7LMVC4J");

/// A payment card whose check digit holds.
pub(crate) const CARD: &str = "4539 5787 6362 1486";

/// A password in the form in which people paste it.
pub(crate) const PASSWORD_LINE: &str = "DB_PASSWORD=\"vT9#qL2w!Zx7\"";

/// The password alone.
pub(crate) const PASSWORD: &str = "vT9#qL2w!Zx7";

/// A prompt with two values that are masked and restored.
pub(crate) fn two_values() -> String {
    format!("Please write to {EMAIL} that the key {CLOUD_KEY} was rotated.")
}

/// A prompt that nobody needs to hide.
pub(crate) const HARMLESS: &str = "Which three rivers flow through Berlin, and how long are they?";

/// A private key in PEM, new on each call.
pub(crate) fn private_key() -> String {
    KeyPair::generate().unwrap().serialize_pem()
}

/// The lines of a PEM file that carry the key itself.
pub(crate) fn key_lines(pem: &str) -> Vec<String> {
    pem.lines().filter(|line| !line.starts_with("-----") && !line.is_empty()).map(str::to_owned).collect()
}

/// An e-mail address that belongs to one numbered user alone.
pub(crate) fn email_of(user: usize, turn: usize) -> String {
    format!("person{user:02}.turn{turn:02}@northwind-freight.com")
}

/// Placeholders in a text, in order.
pub(crate) fn placeholders(text: &str) -> Vec<String> {
    let form = regex::Regex::new("[A-Z][A-Z0-9]{1,15}_[0-9A-HJKMNP-TV-Z]{10}_[0-9A-HJKMNP-TV-Z]{2}").unwrap();
    form.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}
