//! What the proxy adds to a prompt on its way, against a direct connection to the same stand-in site in the same run:
//! latency, throughput, new connections, and the proxy's own CPU time. `cargo bench --bench proxy`.
//! Ratios hold on any machine; absolute times are this machine's.

#[cfg(test)]
#[path = "../tests/it/harness/harness.rs"]
#[expect(dead_code, reason = "a bench needs a part of what the tests need")]
mod harness;

use std::{
    io,
    time::{Duration, Instant},
};

use harness::{
    client::{Client, Http},
    dialect::{Delivery, Dialect},
    origin::{Plan, Sending},
    settings::Settings,
    world::World,
};
use tokio_rustls::rustls::RootCertStore;

/// Rounds; direct and through Scrim take turns, so that a busy machine slows both.
const ROUNDS: usize = 5;

/// Requests one after the other in a round.
const SERIAL: usize = 400;

/// Requests in a round with several at once.
const PARALLEL: usize = 2_000;

/// One way to the site.
struct Way {
    name: &'static str,
    client: Client,
    http: Http,
    text: String,
}

/// What was measured of one way, over all rounds.
#[derive(Default)]
struct Measured {
    serial: Vec<Duration>,
    connects: Vec<Duration>,
    parallel: Vec<Duration>,
    cpu: Duration,
}

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(compare())
}

async fn compare() -> io::Result<()> {
    let world = World::with(Plan { sending: Sending::Events, ..Plan::default() }, Settings::default()).await;
    let mut sites = RootCertStore::empty();
    sites.add(world.authority.der()).map_err(io::Error::other)?;
    let direct = Client::direct(world.origin.address(), sites);
    heading();
    for (http, at_once) in [(Http::One, 16), (Http::Two, 64)] {
        let ways = [
            way("direct", &direct, http, &clean()),
            way("scrim, nothing found", &world.client(), http, &clean()),
            way("scrim, masked and restored", &world.client(), http, &found()),
        ];
        let mut measured = [Measured::default(), Measured::default(), Measured::default()];
        for _ in 0..ROUNDS {
            for (way, measured) in ways.iter().zip(&mut measured) {
                round(way, at_once, &world, measured).await?;
            }
        }
        let base = median(&measured[0].serial);
        for (way, measured) in ways.iter().zip(&measured) {
            row(way, at_once, measured, base);
        }
    }
    Ok(())
}

fn way(name: &'static str, client: &Client, http: Http, text: &str) -> Way {
    Way { name, client: client.clone(), http, text: text.to_owned() }
}

/// A prompt of about 2 KB in which nothing is found.
fn clean() -> String {
    "Please read the following paragraph and tell me in one sentence what it says about rivers. ".repeat(22)
}

/// The same with two values that are masked.
fn found() -> String {
    format!("{}{}", clean(), harness::samples::two_values())
}

async fn round(way: &Way, at_once: usize, world: &World, measured: &mut Measured) -> io::Result<()> {
    for _ in 0..20 {
        let began = Instant::now();
        let mut connection = way.client.open("api.openai.com", way.http).await;
        ask(&mut connection, way).await;
        measured.connects.push(began.elapsed());
    }
    let before = cpu(world.scrim.id())?;
    let mut connection = way.client.open("api.openai.com", way.http).await;
    for _ in 0..SERIAL {
        let began = Instant::now();
        ask(&mut connection, way).await;
        measured.serial.push(began.elapsed());
    }
    let began = Instant::now();
    parallel(way, at_once).await?;
    measured.parallel.push(began.elapsed());
    measured.cpu += cpu(world.scrim.id())?.saturating_sub(before);
    Ok(())
}

/// `at_once` connections (h1) or streams (h2) share the round's requests.
async fn parallel(way: &Way, at_once: usize) -> io::Result<()> {
    let mut asking = Vec::new();
    for _ in 0..at_once {
        let way = Way { name: way.name, client: way.client.clone(), http: way.http, text: way.text.clone() };
        asking.push(tokio::spawn(async move {
            let mut connection = way.client.open("api.openai.com", way.http).await;
            for _ in 0..PARALLEL / at_once {
                ask(&mut connection, &way).await;
            }
        }));
    }
    for task in asking {
        task.await?;
    }
    Ok(())
}

async fn ask(connection: &mut harness::client::Connection, way: &Way) {
    let body = Dialect::OpenAiChat.body(&way.text, Delivery::Whole).to_string().into_bytes();
    let reply = connection.post("/v1/chat/completions", &[], body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

/// CPU time of a process so far: user and system, in hundredths of a second.
fn cpu(id: u32) -> io::Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after_name.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

fn sorted(values: &[Duration]) -> Vec<Duration> {
    let mut sorted = values.to_vec();
    sorted.sort();
    sorted
}

fn median(values: &[Duration]) -> Duration {
    sorted(values).get(values.len() / 2).copied().unwrap_or_default()
}

fn p99(values: &[Duration]) -> Duration {
    sorted(values).get(values.len() * 99 / 100).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "the bench's result")]
fn heading() {
    println!("2 KB chat prompt, answered whole; {ROUNDS} interleaved rounds; times in ms");
    println!(
        "{:<34} {:>8} {:>8} {:>8} {:>12} {:>12} {:>16}",
        "way", "p50", "p99", "added", "new conn p50", "requests/s", "CPU s/10k"
    );
}

#[expect(clippy::print_stdout, reason = "the bench's result")]
fn row(way: &Way, at_once: usize, measured: &Measured, base: Duration) {
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let n_requests = (ROUNDS * (SERIAL + PARALLEL / at_once * at_once)) as f64;
    println!(
        "{:<34} {:>8.3} {:>8.3} {:>8.3} {:>12.3} {:>12.0} {:>16.3}",
        format!("{:?} x{at_once} {}", way.http, way.name),
        ms(median(&measured.serial)),
        ms(p99(&measured.serial)),
        ms(median(&measured.serial)) - ms(base),
        ms(median(&measured.connects)),
        (PARALLEL / at_once * at_once) as f64 / median(&measured.parallel).as_secs_f64(),
        measured.cpu.as_secs_f64() / n_requests * 10_000.0,
    );
}
