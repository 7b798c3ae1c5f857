//! Whether Scrim's ports are free, and who listens on them when they are not.

use std::net::{SocketAddr, TcpListener};

use serde_json::Value;

use crate::{
    app::listener_owner,
    config::{Config, problem::plain},
};

use super::Check;

/// Ports of the configuration, unless the running instance has them.
pub(super) fn look(config: &Config, running: Option<&Value>, checks: &mut Vec<Check>) {
    let ports =
        [("proxy", config.proxy.listen, "[proxy] listen"), ("console", config.console.listen, "[console] listen")];
    for (name, address, option) in ports {
        let what = format!("{name} port");
        let ours = running.and_then(|status| status.get(name)).and_then(Value::as_str) == Some(&address.to_string());
        checks.push(if ours {
            Check::ok(&what, format!("{address}, the running instance"))
        } else {
            free(&what, address, option)
        });
    }
}

fn free(what: &str, address: SocketAddr, option: &str) -> Check {
    match TcpListener::bind(address) {
        Ok(_) => Check::ok(what, format!("{address} is free")),
        Err(error) => {
            let owner = listener_owner::describe(address).map_or_else(String::new, |owner| format!(" by {owner}"));
            let hint = format!("stop it, or set another port with `{option}`");
            Check::wrong(what, format!("cannot listen on {address}: {}{owner}", plain(&error)), hint)
        }
    }
}
