//! The detector as a whole.

use super::*;

#[test]
fn every_built_in_rule_does_what_its_examples_say() {
    let detector = Detector::built_in().unwrap();
    let failures: Vec<String> = test::run(&detector).iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}
