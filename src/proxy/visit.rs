//! One person's requests to one origin over one connection, and what is done around every request of it, whoever answers.

use std::sync::Arc;

use hyper::{
    Request, Response, StatusCode, Version,
    header::{self, HeaderValue},
};

use super::{
    body::Answer,
    client::Client,
    origin::Origin,
    pulse::{InFlight, Pulse},
    reply::{Audience, Problem},
};
use crate::policy::Subject;

/// Who visits what.
#[derive(Clone)]
pub struct Visit {
    /// The connection.
    pub client: Arc<Client>,
    /// Who.
    pub subject: Subject,
    /// What.
    pub origin: Origin,
    /// What the connection is doing.
    pub pulse: Arc<Pulse>,
}

/// What an answer must know of its request after that has been handed on.
pub(super) struct Asked {
    exchange: InFlight,
    audience: Audience,
    version: Version,
    wants_upgrade: bool,
}

impl Asked {
    /// Notes it; the connection counts as busy from now on.
    pub(super) fn of<B>(request: &Request<B>, pulse: &Arc<Pulse>) -> Self {
        Self {
            exchange: pulse.exchange(),
            audience: Audience::of(request.headers()),
            version: request.version(),
            wants_upgrade: request.headers().contains_key(header::UPGRADE),
        }
    }

    /// Finishes the answer.
    pub(super) fn answer(self, answered: Result<Response<Answer>, Problem>) -> Response<Answer> {
        let mut response = answered.unwrap_or_else(|problem| problem.response(self.audience));
        if self.version == Version::HTTP_2 {
            // One stream of many does not end the connection.
            response.headers_mut().remove(header::CONNECTION);
            return response.map(|body| body.during(self.exchange));
        }
        // The watch over the framing ends at an upgrade. Where none came of it, the connection ends too.
        if self.wants_upgrade && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.map(|body| body.during(self.exchange))
    }
}
