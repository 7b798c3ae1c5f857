//! Why a site's handshake failed, in words for the person in front of the page. Does not judge; rustls has.

use std::{io, time::Duration};

use rustls::{AlertDescription, CertificateError, Error, pki_types::UnixTime};

/// Words for a failed handshake with `host`.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "rustls's error is non-exhaustive")]
pub fn words(error: &io::Error, host: &str) -> String {
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
                format!("`{host}` closed the connection during the TLS handshake")
            }
            _ => format!("the TLS handshake with `{host}` failed: {error}"),
        };
    };
    match tls {
        Error::InvalidCertificate(why) => certificate(why, host),
        Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::ProtocolVersion) => {
            format!("`{host}` offers no protocol version or cipher that is still safe (TLS 1.2 or 1.3 is needed)")
        }
        Error::PeerIncompatible(_) => {
            format!("`{host}` offers no protocol version or cipher that is still safe (TLS 1.2 or 1.3 is needed)")
        }
        Error::AlertReceived(alert) => format!("`{host}` refused the TLS handshake: {alert:?}"),
        Error::InvalidMessage(_) => format!("`{host}` does not speak TLS on this port"),
        other => format!("the TLS handshake with `{host}` failed: {other}"),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "rustls's error is non-exhaustive")]
fn certificate(why: &CertificateError, host: &str) -> String {
    match why {
        CertificateError::ExpiredContext { time, not_after } => {
            format!("certificate of `{host}` expired {} ago", span(between(*not_after, *time)))
        }
        CertificateError::Expired => format!("certificate of `{host}` has expired"),
        CertificateError::NotValidYetContext { time, not_before } => format!(
            "certificate of `{host}` is not valid yet, it begins in {} (is this machine's clock right?)",
            span(between(*time, *not_before))
        ),
        CertificateError::UnknownIssuer => {
            format!("certificate of `{host}` comes from an authority that this machine does not trust")
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names: Vec<&str> = presented.iter().take(3).map(|name| name.trim_matches('"')).collect();
            format!("certificate of `{host}` is for other names: {}", names.join(", "))
        }
        CertificateError::NotValidForName => format!("certificate of `{host}` is for another name"),
        CertificateError::Revoked => format!("certificate of `{host}` was revoked"),
        CertificateError::BadSignature => format!("certificate of `{host}` has a broken signature"),
        other => format!("certificate of `{host}` is not acceptable: {other}"),
    }
}

fn between(earlier: UnixTime, later: UnixTime) -> Duration {
    Duration::from_secs(later.as_secs().saturating_sub(earlier.as_secs()))
}

/// `3 days`, `1 hour`, `less than an hour`.
fn span(duration: Duration) -> String {
    let hours = duration.as_secs() / 3600;
    let counted = |n: u64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match hours {
        0 => "less than an hour".to_owned(),
        1..48 => counted(hours, "hour"),
        _ => counted(hours / 24, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(why: CertificateError) -> String {
        words(&io::Error::other(Error::InvalidCertificate(why)), "chatgpt.com")
    }

    #[test]
    fn an_expired_certificate_says_since_when() {
        let at = |secs| UnixTime::since_unix_epoch(Duration::from_secs(secs));
        let expired = CertificateError::ExpiredContext { time: at(10 + 3 * 86_400), not_after: at(10) };
        assert_eq!(said(expired), "certificate of `chatgpt.com` expired 3 days ago");
    }

    #[test]
    fn an_unknown_issuer_is_named_as_such() {
        assert_eq!(
            said(CertificateError::UnknownIssuer),
            "certificate of `chatgpt.com` comes from an authority that this machine does not trust"
        );
    }
}
