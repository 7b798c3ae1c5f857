//! What Scrim says in its own name when it cannot or may not pass a request on: a page for browsers, JSON for programs.
//! Refusals of prompts are phrased by the site's family, not here.

use bytes::Bytes;
use hyper::{
    HeaderMap, Response, StatusCode,
    header::{self, HeaderValue},
};

use super::{
    body::Answer,
    error::{Side, UpstreamError},
};

/// Something to tell a client.
#[derive(Debug, Clone)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Machine-readable kind, `upstream_unreachable`.
    pub kind: &'static str,
    /// One sentence without a full stop, naming the thing.
    pub what: String,
    /// What to do about it.
    pub way_out: String,
    /// Whose fault.
    pub side: Side,
    /// Whether the connection may be used again.
    pub connection: Connection,
}

/// Who reads an answer of Scrim's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// A browser that navigates: a page.
    Person,
    /// A script or SDK: JSON.
    Program,
}

impl Audience {
    /// By the request's `Accept`.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        if accept.is_some_and(|accept| accept.contains("text/html")) { Self::Person } else { Self::Program }
    }
}

/// What becomes of the client's connection after a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// It goes on.
    Keep,
    /// It ends with this answer.
    Close,
}

impl Problem {
    /// A fault of the client's request; the connection ends, since the framing cannot be trusted.
    #[must_use]
    pub fn bad_request(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "bad_request",
            what: what.into(),
            way_out: "The program that sent this request has to be mended.".to_owned(),
            side: Side::Client,
            connection: Connection::Close,
        }
    }

    /// The request is for another host than the connection.
    #[must_use]
    pub fn misdirected(asked: &str, connected: &str) -> Self {
        Self {
            status: StatusCode::MISDIRECTED_REQUEST,
            kind: "misdirected_request",
            what: format!("a request for `{asked}` came on a connection to `{connected}`"),
            way_out: "Open a connection of its own for each host.".to_owned(),
            side: Side::Client,
            connection: Connection::Close,
        }
    }

    /// Something that the configuration does not allow.
    #[must_use]
    pub fn forbidden(what: impl Into<String>, way_out: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            kind: "forbidden",
            what: what.into(),
            way_out: way_out.to_owned(),
            side: Side::Client,
            connection: Connection::Close,
        }
    }

    /// A bound of Scrim's is reached for now.
    #[must_use]
    pub fn busy(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "busy",
            what: what.into(),
            way_out: "Try again in a moment.".to_owned(),
            side: Side::Scrim,
            connection: Connection::Keep,
        }
    }

    /// The same, ending the connection.
    #[must_use]
    pub fn closing(self) -> Self {
        Self { connection: Connection::Close, ..self }
    }

    /// The same with another way out.
    #[must_use]
    pub fn with_way_out(self, way_out: &str) -> Self {
        Self { way_out: way_out.to_owned(), ..self }
    }

    /// As a response.
    #[must_use]
    pub fn response(&self, audience: Audience) -> Response<Answer> {
        let (body, content_type) = match audience {
            Audience::Person => (self.page(), "text/html; charset=utf-8"),
            Audience::Program => (self.json(), "application/json"),
        };
        let mut response = Response::new(Answer::whole(Bytes::from(body)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-scrim-error", HeaderValue::from_static(self.kind));
        if self.connection == Connection::Close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if self.status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            headers.insert(
                header::PROXY_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"Scrim\", charset=\"UTF-8\""),
            );
        }
        response
    }

    /// The shape of the vendors' SDKs: they show `error.message`.
    fn json(&self) -> String {
        let message = format!("Scrim: {}. {}", self.what, self.way_out);
        serde_json::json!({ "error": { "message": message, "type": "scrim_error", "code": self.kind, "side": self.side.to_string() } })
            .to_string()
    }

    fn page(&self) -> String {
        let title = self.status.canonical_reason().unwrap_or("Error");
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
             <title>Scrim: {title}</title><body style=\"font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem\">\
             <h1 style=\"font-size:1.4rem\">Scrim, your company's AI proxy, could not pass this on</h1><p>{}.</p><p>{}</p>\
             <p style=\"color:#667\">{} {title}</p></body></html>",
            escaped(&self.what),
            escaped(&self.way_out),
            self.status.as_u16(),
        )
    }
}

impl From<&UpstreamError> for Problem {
    fn from(error: &UpstreamError) -> Self {
        let kind = match error {
            UpstreamError::Private { .. } => "target_private",
            UpstreamError::Own { .. } => "target_own",
            UpstreamError::Name { .. } => "upstream_name",
            UpstreamError::Connect { .. } => "upstream_unreachable",
            UpstreamError::Chain { .. } => "upstream_proxy",
            UpstreamError::Tls { .. } => "upstream_certificate",
            UpstreamError::Slow { .. } => "upstream_slow",
            UpstreamError::Http { .. } => "upstream_http",
        };
        Self {
            status: error.status(),
            kind,
            what: error.to_string(),
            way_out: error.way_out().to_owned(),
            side: Side::Upstream,
            connection: Connection::Keep,
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_escapes_what_it_names() {
        let page = Problem::bad_request("`<script>` & co").page();
        assert!(page.contains("&lt;script&gt;` &amp; co") && !page.contains("<script>"));
    }

    #[test]
    fn a_certificate_problem_names_host_reason_and_way_out() {
        let error = UpstreamError::Tls {
            host: "chatgpt.com".to_owned(),
            why: "certificate of `chatgpt.com` expired 3 days ago".to_owned(),
        };
        let problem = Problem::from(&error);
        assert_eq!(problem.status, StatusCode::BAD_GATEWAY);
        let json: serde_json::Value = serde_json::from_str(&problem.json()).unwrap();
        let message = json["error"]["message"].as_str().unwrap();
        assert!(message.contains("expired 3 days ago") && message.contains("Nothing was sent"), "{message}");
    }
}
