//! Before and after every console request: only our own names as `Host` (a page elsewhere that rebinds its name to
//! loopback gets nothing), and headers that let no script run and no other page look in.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::Instance;

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Refuses foreign names and sets the headers.
pub(super) async fn guard(State(instance): State<Arc<Instance>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let mut response = if is_ours(host, instance.console, instance.public_url.as_deref()) {
        next.run(request).await
    } else {
        let words = "this console answers under its own address only: see `[console] public_url`\n";
        (StatusCode::MISDIRECTED_REQUEST, words).into_response()
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether a `Host` header names this console.
fn is_ours(host: &str, console: SocketAddr, public_url: Option<&str>) -> bool {
    let host = host.to_ascii_lowercase();
    let port = console.port();
    let loopback = ["localhost", "127.0.0.1", "[::1]"];
    let by_loopback = loopback.iter().any(|name| host == format!("{name}:{port}") || (port == 80 && host == *name));
    let public =
        public_url.and_then(|url| url.split_once("://")).map(|(_, rest)| rest.split('/').next().unwrap_or(rest));
    let by_public = public.is_some_and(|name| name.eq_ignore_ascii_case(&host));
    by_loopback || host == console.to_string() || by_public
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_consoles_own_names_are_taken() {
        let console = "127.0.0.1:8878".parse().unwrap();
        let public = Some("https://Scrim.corp.example/x");
        for good in ["127.0.0.1:8878", "localhost:8878", "LOCALHOST:8878", "[::1]:8878", "scrim.corp.example"] {
            assert!(is_ours(good, console, public), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "localhost:80",
            "evil.example:8878",
            "127.0.0.1.evil.example:8878",
            "scrim.corp.example.evil",
        ] {
            assert!(!is_ours(bad, console, public), "{bad}");
        }
    }
}
