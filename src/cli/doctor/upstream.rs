//! Whether the enabled sites can be reached from this machine and are who they should be. Sends no request.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpStream, lookup_host},
    task::JoinSet,
    time::timeout,
};

use crate::{
    config::{Config, problem::plain},
    site::{catalogue::Catalogue, host::HostPattern},
    tls::upstream::{Client, Wish},
};

use super::{super::output::counted, Check};

/// Time for name, connection and handshake of one host.
const TIME: Duration = Duration::from_secs(3);
/// Hosts asked at a time.
const AT_A_TIME: usize = 16;

/// One check a site; every exact host of it is tried.
pub(super) async fn look(config: &Config, catalogue: &Catalogue, checks: &mut Vec<Check>) {
    if let Some(proxy) = &config.upstream.proxy {
        checks.push(Check::note(
            "sites",
            format!("reached through {proxy}; not tried"),
            "`curl -x` through that proxy shows whether it lets Scrim out",
        ));
        return;
    }
    let client = match Client::new(&config.upstream, std::iter::empty()) {
        Ok(client) => client,
        Err(error) => {
            checks.push(Check::failed("trusted roots", &error));
            return;
        }
    };
    for site in catalogue.sites() {
        let hosts: Vec<String> = site.hosts.iter().filter_map(|(pattern, _)| exact(pattern)).collect();
        let unreachable = try_all(config, &client, &hosts).await;
        let what = format!("site {}", site.id);
        checks.push(match unreachable.as_slice() {
            [] => Check::ok(&what, format!("{} reachable and verified", counted(hosts.len(), "host", "hosts"))),
            some => Check::wrong(
                &what,
                some.join("; "),
                "check DNS, firewall and `[upstream]` (a company proxy: `proxy`; its own CA: `ca_files`); `[sites.ID] enabled = false` leaves a site alone",
            ),
        });
    }
}

fn exact(pattern: &HostPattern) -> Option<String> {
    match pattern {
        HostPattern::Exact(host) => Some(host.as_str().to_owned()),
        HostPattern::Below(_) => None,
    }
}

/// What is wrong with each host that cannot be used.
async fn try_all(config: &Config, client: &Client, hosts: &[String]) -> Vec<String> {
    let mut unreachable = Vec::new();
    for group in hosts.chunks(AT_A_TIME) {
        let mut tries = JoinSet::new();
        for host in group {
            let fixed = config.upstream.resolve.get(&format!("{host}:443")).copied();
            tries.spawn(try_one(client.clone(), host.clone(), fixed));
        }
        while let Some(tried) = tries.join_next().await {
            unreachable.extend(tried.unwrap_or_else(|error| Err(error.to_string())).err());
        }
    }
    unreachable.sort();
    unreachable
}

async fn try_one(client: Client, host: String, fixed: Option<SocketAddr>) -> Result<(), String> {
    let tried = timeout(TIME, async {
        let address = match fixed {
            Some(address) => address,
            None => lookup_host((host.as_str(), 443))
                .await
                .map_err(|error| format!("`{host}` has no address: {}", plain(&error)))?
                .next()
                .ok_or_else(|| format!("`{host}` has no address"))?,
        };
        let socket = TcpStream::connect(address)
            .await
            .map_err(|error| format!("`{host}` cannot be connected to: {}", plain(&error)))?;
        client.connect(socket, &host, Wish::Best).await.map(drop)
    });
    tried.await.unwrap_or_else(|_| Err(format!("`{host}` did not answer within {} seconds", TIME.as_secs())))
}
