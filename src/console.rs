//! The console: health, metrics, the PAC file, the CA to trust, and the page on which people see what was hidden.
//! On the network it is read-only, loopback only, without log-in; `control` is for the state folder's owner.

pub mod stop;
pub mod listener;
pub mod instance;
pub mod records;
pub mod tally;
// the network's routes
mod guard;
mod health;
mod metrics;
mod page;
// the control socket's routes
pub mod control;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::header,
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

pub use instance::{Instance, NotReloaded, Reloaded};

use crate::deploy::pac;

/// The routes.
pub fn router(instance: Arc<Instance>) -> Router {
    Router::new()
        .route("/health", get(health::health))
        .route("/metrics", get(metrics::metrics))
        .route("/proxy.pac", get(proxy_pac))
        .route("/ca.pem", get(ca))
        .route("/me", get(page::me))
        .route("/style.css", get(page::style))
        .layer(middleware::from_fn_with_state(Arc::clone(&instance), guard::guard))
        .with_state(instance)
}

async fn proxy_pac(State(instance): State<Arc<Instance>>) -> Response {
    let inspector = instance.inspector();
    let hosts = inspector.catalogue.sites().flat_map(|site| site.hosts.iter().map(|(pattern, _)| pattern));
    let script = pac::script(hosts, &pac::proxy_name(instance.proxy, instance.public_url.as_deref()));
    ([(header::CONTENT_TYPE, pac::CONTENT_TYPE), (header::CACHE_CONTROL, "max-age=300")], script).into_response()
}

async fn ca(State(instance): State<Arc<Instance>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"scrim-ca.pem\""),
    ];
    (headers, instance.services.authority().root_pem().to_owned()).into_response()
}
