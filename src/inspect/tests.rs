//! Playbooks: a request in, an outcome out, answer bytes in, client bytes out. No sockets, no sleeps.

mod evasion;
mod recorded;
mod requests;

use std::{net::IpAddr, sync::Arc};

use super::{Exchange, Inspector, Known, Settings};
use crate::{
    detect::Detector,
    mask::{Names, ScopeKey},
    policy::{Policies, Subject},
    site::{Authority, Catalogue, Head},
};

fn inspector(settings: Settings) -> Arc<Inspector> {
    Arc::new(Inspector {
        detector: Detector::built_in().unwrap(),
        catalogue: Catalogue::built_in().unwrap(),
        policies: Policies::built_in().unwrap(),
        settings,
    })
}

fn names() -> Names {
    Names::new(ScopeKey::new([7; 32]))
}

fn known(names: Names) -> Known {
    Known { names, local_turns: None, local_available: false, seed: [0xAB; 16], now: 1_764_025_200 }
}

fn head(method: &str, host: &str, path: &str) -> Head {
    Head {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: vec![
            ("host".to_owned(), host.as_bytes().to_vec()),
            ("content-type".to_owned(), b"application/json".to_vec()),
            ("accept-encoding".to_owned(), b"gzip, br".to_vec()),
        ],
    }
}

fn open(inspector: &Arc<Inspector>, head: Head) -> Exchange {
    let authority = Authority::parse(&format!("{}:443", head.header("host").unwrap())).unwrap();
    let subject = Subject::address(IpAddr::from([127, 0, 0, 1]));
    Exchange::open(Arc::clone(inspector), &authority, head, subject).unwrap()
}
