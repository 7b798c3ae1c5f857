//! JSON with positions.

/// A parsed document.
pub struct Doc<'a> {
    /// The bytes it was read from.
    pub bytes: &'a [u8],
}
