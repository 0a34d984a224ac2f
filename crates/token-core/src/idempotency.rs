//! What may happen to a request whose fate is unknown.

/// How safe it is to send a request once more. It belongs to the operation, never to the HTTP
/// method: AMP changes state through some of its GETs.
///
/// "Unprocessed" means that the server certainly did not act on the request: it was never sent, or
/// it was answered with 429, or with a 401 that one replay follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every layer must decide about every class"
)]
pub enum Idempotency {
    /// Changes nothing; may be repeated freely.
    Safe,
    /// Changes something, but doing it twice is doing it once.
    Idempotent,
    /// Repeated only when the earlier try was certainly not processed.
    OnlyIfUnprocessed,
    /// Never repeated, except for the single replay after a 401.
    Never,
}

impl Idempotency {
    /// Whether a request may be sent again although an earlier try may have taken effect.
    pub const fn repeatable(self) -> bool {
        matches!(self, Self::Safe | Self::Idempotent)
    }

    /// Whether a request may be sent again after a try that certainly had no effect.
    pub const fn repeatable_if_unprocessed(self) -> bool {
        !matches!(self, Self::Never)
    }
}
