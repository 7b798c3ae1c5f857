//! The real binary as a child process: started, watched, asked, ended. What it said on stderr is shown when a test
//! fails.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_scrim");

/// Variables of the person's shell that would lead Scrim or a client elsewhere.
const FOREIGN: [&str; 14] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "RUST_LOG",
    "NODE_EXTRA_CA_CERTS",
];

/// A running `scrim up`.
pub(crate) struct Scrim {
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
    config: PathBuf,
    state: PathBuf,
    /// Where the proxy listens.
    pub(crate) proxy: SocketAddr,
    /// Where the console listens.
    pub(crate) console: SocketAddr,
}

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Why `scrim up` did not come up.
pub(crate) type Refused = Said;

impl Drop for Scrim {
    fn drop(&mut self) {
        if std::thread::panicking() {
            show(&self.said());
        }
        if self.child.kill().is_ok() {
            let _ended = self.child.wait();
        }
    }
}

#[expect(clippy::print_stderr, reason = "the test's own output, shown only when it fails")]
fn show(lines: &[String]) {
    eprintln!("── scrim said ──\n{}\n────────────────", lines.join("\n"));
}

/// A command of Scrim with its configuration and state set by the environment.
pub(crate) fn command(config: &Path, state: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    for name in FOREIGN {
        command.env_remove(name);
    }
    command.env("SCRIM_CONFIG", config).env("SCRIM_STATE", state).stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Said {
    let output = command.output().unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Scrim {
    /// Starts it and waits until it listens.
    pub(crate) async fn up(config: &Path, state: &Path) -> Self {
        match Self::try_up(config, state).await {
            Ok(scrim) => scrim,
            Err(refused) => panic!("scrim up ended with {:?}:\n{}", refused.code, refused.stderr),
        }
    }

    /// Starts it; an error when it ends before it listens.
    pub(crate) async fn try_up(config: &Path, state: &Path) -> Result<Self, Refused> {
        let mut command = command(config, state);
        command.arg("up").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let reader = listen(child.stderr.take().unwrap(), Arc::clone(&said));
        let ports = super::eventually("scrim up", || match listening(&said.lock().unwrap()) {
            Some(ports) => Some(Ok(ports)),
            None => child.try_wait().unwrap().map(Err),
        });
        match ports.await {
            Ok((proxy, console)) => {
                Ok(Self { child, said, config: config.to_owned(), state: state.to_owned(), proxy, console })
            }
            Err(status) => {
                reader.join().unwrap();
                let stderr = said.lock().unwrap().join("\n");
                Err(Said { code: status.code(), stdout: String::new(), stderr })
            }
        }
    }

    /// Lines on stderr so far.
    pub(crate) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Runs `scrim ARGS` beside it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Said {
        let mut command = command(&self.config, &self.state);
        command.args(arguments);
        run(command)
    }

    /// The state folder.
    pub(crate) fn state(&self) -> &Path {
        &self.state
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Asks it to read its configuration and rules again.
    pub(crate) fn hang_up(&self) {
        self.signal(rustix::process::Signal::HUP);
    }

    /// Ends it at once, as a crash would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_raw(i32::try_from(self.id()).unwrap()).unwrap();
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = &mut self.child;
        super::eventually("the end of scrim", || child.try_wait().unwrap()).await
    }
}

fn listen(stderr: std::process::ChildStderr, said: Arc<Mutex<Vec<String>>>) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            said.lock().unwrap().push(line);
        }
    })
}

/// Ports from the line `listening proxy=HOST:PORT console=HOST:PORT`.
fn listening(lines: &[String]) -> Option<(SocketAddr, SocketAddr)> {
    let line = lines.iter().find(|line| line.contains("listening") && line.contains("proxy="))?;
    let value = |key: &str| line.split_whitespace().find_map(|word| word.strip_prefix(key)?.parse().ok());
    Some((value("proxy=")?, value("console=")?))
}
