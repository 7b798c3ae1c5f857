//! Shannon entropy. Knows no rule.

/// Shannon entropy of the bytes, in bits a character. 0 for the empty string.
#[must_use]
pub fn shannon(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = f64::from(u32::try_from(value.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| {
            let share = f64::from(count) / total;
            -share * share.log2()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_in_bits_a_character() {
        assert!(shannon("aaaaaaaa") < 0.01);
        assert!((shannon("abcdefgh") - 3.0).abs() < 1e-9);
    }
}
