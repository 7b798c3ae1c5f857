//! `GET /health`: readiness for scripts and load balancers. `status` is `ok` or `degraded`; an instance that serves
//! answers 200 either way.

use std::sync::Arc;

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::Instance;

pub(super) async fn health(State(instance): State<Arc<Instance>>) -> Json<Value> {
    Json(json!({
        "status": instance.condition(),
        "version": env!("CARGO_PKG_VERSION"),
        "proxy": instance.proxy.to_string(),
        "console": instance.console.to_string(),
        "uptime_secs": instance.uptime_secs(),
        "log": instance.log_condition(),
    }))
}
