//! Request and answer heads: what is refused, what is taken off on the way (hop-by-hop fields, proxy fields, offers that
//! would lead around Scrim), and the change between hyper's form and inspection's.

use hyper::{
    HeaderMap, Method, Version,
    header::{self, HeaderName, HeaderValue},
    http::{request, uri::PathAndQuery},
};

use super::{origin::Origin, reply::Problem};
use crate::site::Head;

/// Fields that belong to one hop, RFC 9110 §7.6.1 and practice.
static HOP_BY_HOP: [HeaderName; 6] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Checks a request on a connection that was opened for `origin`.
///
/// # Errors
/// 400 when the request is malformed, 421 when it is for another host.
pub fn check(parts: &request::Parts, origin: &Origin) -> Result<(), Problem> {
    if parts.method == Method::CONNECT {
        return Err(Problem::bad_request("CONNECT inside a connection to a site"));
    }
    if parts.version == Version::HTTP_2 {
        check_http2(&parts.headers)?;
    }
    let path = parts.uri.path();
    if !path.starts_with('/') && path != "*" {
        return Err(Problem::bad_request("the request's path does not begin with `/`"));
    }
    let from_uri = parts.uri.authority().map(|authority| authority.as_str());
    let mut hosts = parts.headers.get_all(header::HOST).iter().map(|value| value.to_str().unwrap_or(""));
    let from_host = hosts.next();
    if hosts.next().is_some() {
        return Err(Problem::bad_request("more than one host header"));
    }
    let named = [from_uri, from_host];
    if named == [None, None] {
        return Err(Problem::bad_request("the request names no host"));
    }
    for name in named.into_iter().flatten().filter(|name| !origin.is_written(name)) {
        let meant = name.rsplit_once('@').map_or(name, |(_, host)| host);
        match Origin::parse_authority(origin.scheme, meant) {
            Ok(authority) if authority == origin.authority && meant == name => {}
            Ok(_) => return Err(Problem::misdirected(name, &origin.host_header())),
            Err(error) => return Err(Problem::bad_request(format!("the host field is broken: {error}"))),
        }
    }
    Ok(())
}

/// RFC 9113 §8.2.2: fields of a connection have no meaning in HTTP/2, and would gain one in the HTTP/1.1 behind.
fn check_http2(headers: &HeaderMap) -> Result<(), Problem> {
    let te_ok = headers.get_all(header::TE).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    let bad = HOP_BY_HOP.iter().filter(|name| **name != header::TE).find(|name| headers.contains_key(*name));
    match bad {
        Some(name) => Err(Problem::bad_request(format!("`{name}` in an HTTP/2 request"))),
        None if !te_ok => Err(Problem::bad_request("`te` other than `trailers` in an HTTP/2 request")),
        None => Ok(()),
    }
}

/// Takes off what must not go upstream: hop-by-hop fields, those that `Connection` names, and all `Proxy-*`.
pub fn strip_request(headers: &mut HeaderMap) {
    let trailers = headers.get_all(header::TE).iter().any(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    strip(headers);
    // hyper has answered it; a site's own 100 would release the body of nobody.
    headers.remove(header::EXPECT);
    let proxy: Vec<HeaderName> = headers.keys().filter(|name| name.as_str().starts_with("proxy-")).cloned().collect();
    for name in proxy {
        headers.remove(name);
    }
    if trailers {
        headers.insert(header::TE, HeaderValue::from_static("trailers"));
    }
}

/// Takes off what must not reach the client: hop-by-hop fields, and the invitation to go around Scrim by HTTP/3.
pub fn strip_answer(headers: &mut HeaderMap) {
    if headers.contains_key(header::TRANSFER_ENCODING) {
        // The coding has won; a length beside it is not the body's.
        headers.remove(header::CONTENT_LENGTH);
    }
    strip(headers);
    headers.remove(header::ALT_SVC);
    headers.remove("proxy-authenticate");
}

fn strip(headers: &mut HeaderMap) {
    if headers.contains_key(header::CONNECTION) {
        let named: Vec<HeaderName> = headers
            .get_all(header::CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|name| name.trim().parse().ok())
            .collect();
        for name in named {
            headers.remove(name);
        }
    }
    for name in &HOP_BY_HOP {
        headers.remove(name);
    }
}

/// Codings that inspection can undo.
const CODINGS: [&str; 6] = ["gzip", "x-gzip", "deflate", "br", "zstd", "identity"];

/// Narrows `Accept-Encoding` to codings that inspection can undo. Shared dictionaries (RFC 9842) are none of them.
pub fn limit_codings(headers: &mut HeaderMap) {
    headers.remove("available-dictionary");
    let Some(offered) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else { return };
    let is_known = |item: &&str| {
        let name = item.split(';').next().unwrap_or(item).trim();
        CODINGS.iter().any(|coding| name.eq_ignore_ascii_case(coding))
    };
    if offered.split(',').all(|item| is_known(&item)) {
        return;
    }
    let kept: Vec<&str> = offered.split(',').map(str::trim).filter(is_known).collect();
    let value = if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") };
    if let Ok(value) = HeaderValue::from_str(&value) {
        headers.insert(header::ACCEPT_ENCODING, value);
    }
}

/// HTTP/2 may carry a cookie in pieces (RFC 9113 §8.2.3); HTTP/1.1 knows one field.
pub fn join_cookies(headers: &mut HeaderMap) {
    let mut pieces = headers.get_all(header::COOKIE).iter();
    let (Some(first), Some(second)) = (pieces.next(), pieces.next()) else { return };
    let joined =
        [first, second].into_iter().chain(pieces).map(HeaderValue::as_bytes).collect::<Vec<_>>().join(&b"; "[..]);
    if let Ok(value) = HeaderValue::from_bytes(&joined) {
        headers.insert(header::COOKIE, value);
    }
}

/// A request's head as inspection sees it.
#[must_use]
pub fn to_inspection(parts: &request::Parts) -> Head {
    Head {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: header_list(&parts.headers),
    }
}

/// Headers as inspection sees them.
#[must_use]
pub fn header_list(headers: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

/// Brings an inspected head back into the request, where it differs from what came in.
///
/// # Errors
/// When inspection has made a head that HTTP cannot carry.
pub fn from_inspection(parts: &mut request::Parts, before: &Head, after: &Head) -> Result<(), Problem> {
    let broken = |what: &str| Problem {
        side: super::error::Side::Scrim,
        ..Problem::bad_request(format!("the inspected {what} cannot be sent"))
    };
    if before.path != after.path || before.query != after.query {
        let target =
            if after.query.is_empty() { after.path.clone() } else { format!("{}?{}", after.path, after.query) };
        let path: PathAndQuery = target.parse().map_err(|_| broken("path"))?;
        let mut uri = parts.uri.clone().into_parts();
        uri.path_and_query = Some(path);
        parts.uri = hyper::Uri::from_parts(uri).map_err(|_| broken("path"))?;
    }
    if before.headers != after.headers {
        let mut headers = HeaderMap::with_capacity(after.headers.len());
        for (name, value) in &after.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken("header"))?;
            headers.append(name, HeaderValue::from_bytes(value).map_err(|_| broken("header"))?);
        }
        parts.headers = headers;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hyper::{Request, StatusCode};

    use super::*;
    use crate::{proxy::origin::Scheme, site::host::Authority};

    fn origin() -> Origin {
        Origin { scheme: Scheme::Https, authority: Authority::parse("chatgpt.com:443").unwrap() }
    }

    fn parts(uri: &str, version: Version, headers: &[(&'static str, &str)]) -> request::Parts {
        let mut request = Request::builder().uri(uri).version(version).body(()).unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        request.into_parts().0
    }

    fn status(uri: &str, version: Version, headers: &[(&'static str, &str)]) -> Option<u16> {
        check(&parts(uri, version, headers), &origin()).err().map(|problem| problem.status.as_u16())
    }

    #[test]
    fn the_host_must_be_the_connections_own_in_any_spelling() {
        let h1 = Version::HTTP_11;
        for host in ["chatgpt.com", "ChatGPT.com", "chatgpt.com:443", "chatgpt.com."] {
            assert_eq!(status("/", h1, &[("host", host)]), None, "{host}");
        }
        for host in ["claude.ai", "chatgpt.com:8443", "chatgpt.com.evil.test", "user@chatgpt.com"] {
            assert_eq!(status("/", h1, &[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(status("https://claude.ai/", h1, &[("host", "chatgpt.com")]), Some(421));
        assert_eq!(status("/", h1, &[]), Some(400));
        assert_eq!(status("/", h1, &[("host", "chatgpt.com"), ("host", "chatgpt.com")]), Some(400));
    }

    #[test]
    fn http2_requests_carry_no_connection_fields() {
        let h2 = Version::HTTP_2;
        assert_eq!(status("https://chatgpt.com/", h2, &[("te", "trailers")]), None);
        assert_eq!(status("https://chatgpt.com/", h2, &[("te", "gzip")]), Some(400));
        assert_eq!(status("https://chatgpt.com/", h2, &[("transfer-encoding", "chunked")]), Some(400));
        assert_eq!(status("https://claude.ai/", h2, &[]), Some(StatusCode::MISDIRECTED_REQUEST.as_u16()));
    }

    #[test]
    fn hop_by_hop_and_proxy_fields_stay_behind() {
        let all = [
            ("connection", "keep-alive, X-Hop"),
            ("x-hop", "1"),
            ("proxy-authorization", "Basic eA=="),
            ("proxy-foo", "1"),
            ("te", "trailers"),
            ("expect", "100-continue"),
            ("upgrade", "h2c"),
            ("authorization", "Bearer k"),
        ];
        let mut headers = parts("/", Version::HTTP_11, &all).headers;
        strip_request(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["authorization", "te"]);
    }

    #[test]
    fn an_answer_loses_its_invitation_to_http3() {
        let mut headers =
            parts("/", Version::HTTP_11, &[("alt-svc", "h3=\":443\""), ("content-type", "text/plain")]).headers;
        strip_answer(&mut headers);
        assert_eq!(headers.len(), 1);
    }

    #[test]
    fn only_codings_that_can_be_undone_are_asked_for() {
        for (offered, asked) in [
            ("gzip, deflate, br, zstd", "gzip, deflate, br, zstd"),
            ("gzip, br, dcb, dcz", "gzip, br"),
            ("br;q=1.0, *;q=0.1", "br;q=1.0"),
            ("lzma", "identity"),
        ] {
            let mut headers = parts("/", Version::HTTP_11, &[("accept-encoding", offered)]).headers;
            limit_codings(&mut headers);
            assert_eq!(headers["accept-encoding"], asked);
        }
    }

    #[test]
    fn cookie_pieces_are_joined_for_http1() {
        let mut headers =
            parts("/", Version::HTTP_2, &[("cookie", "a=1"), ("cookie", "b=2"), ("cookie", "c=3")]).headers;
        join_cookies(&mut headers);
        assert_eq!(headers.get_all("cookie").iter().collect::<Vec<_>>(), ["a=1; b=2; c=3"]);
    }

    #[test]
    fn an_unchanged_head_stays_as_it_was_and_a_changed_one_arrives() {
        let mut request = parts("https://chatgpt.com/a?q=secret", Version::HTTP_2, &[("x-title", "old")]);
        let before = to_inspection(&request);
        let after = Head {
            query: "q=EMAIL_1".to_owned(),
            headers: vec![("x-title".to_owned(), b"new".to_vec())],
            ..before.clone()
        };
        from_inspection(&mut request, &before, &after).unwrap();
        assert_eq!(request.uri, "https://chatgpt.com/a?q=EMAIL_1");
        assert_eq!(request.headers["x-title"], "new");
    }
}
