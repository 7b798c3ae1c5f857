"""Keys of many providers where they lie: logs, XML, code, configuration; each beside a harmless twin of the same shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from . import Builder, Sample
from .tokens import BASE62, DOCUMENTED, HEX, documented, pick, plain, uuid

PROVIDERS = (Path(__file__).parent.parent / "data" / "providers.txt").read_text().split()

# `{n}` is the provider's name, `{N}` in capitals, `{C}` with a capital, `{v}` the key.
SURROUNDINGS = [
    "2024-05-{d} 10:42:{s} DEBUG request to the {n} API\n2024-05-{d} 10:42:{s} DEBUG using KEY={v}\n2024-05-{d} 10:42:{s} INFO 200 OK\n",
    "[INFO] {n} client starts\n[DEBUG] {n} token: {v}\n[INFO] done in {s} ms\n",
    "<credentials>\n  <scope>GLOBAL</scope>\n  <id>{n}</id>\n  <secret>{v}</secret>\n  <description>{n} in production</description>\n</credentials>\n",
    '<add key="{C}ApiKey" value="{v}" />\n',
    "<{n}><apiKey>{v}</apiKey><timeout>{s}</timeout></{n}>\n",
    "{N}_API_KEY={v}\n{N}_TIMEOUT={s}\n",
    "export {N}_TOKEN=\"{v}\"\n",
    "{n}:\n  enabled: true\n  api_key: {v}\n  retries: {s}\n",
    '{"{n}": {"secret": "{v}", "region": "eu"}}\n',
    "{n}.secret.key={v}\n",
    "client = {C}Client(\"{v}\", timeout={s})\n",
    "const {n}Token = '{v}';\n",
    "$config['{n}_key'] = '{v}';\n",
    "private static final String {N}_SECRET = \"{v}\";\n",
    "curl -H 'X-{C}-Key: {v}' https://api.{n}.com/v1/items\n",
    "GET https://api.{n}.com/v2/list?limit={s}&api_key={v}\n",
    "var opts = new {C}Options { ApiKey = \"{v}\" };\n",
    "  - name: {N}_AUTH\n    value: \"{v}\"\n",
    "let {n} = {C}::new(\"{v}\");\n",
    "the {n} key is {v}, put it into the vault\n",
]

# Harmless texts with a value of the same shape. `{n}` is there too: a name alone must not make an alarm.
TWINS = [
    "commit {hex40}\nAuthor: build\n\n    update the {n} client\n",
    "{n} image pulled: sha256:{hex64}\n",
    "\"{n}\": {\"version\": \"2.{s}.1\", \"integrity\": \"sha512-{b86}==\"}\n",
    "2024-05-{d} 10:42:{s} INFO {n} request_id={uuid} status=200\n",
    "GET /static/{n}.{hex8}.js 200 {s}ms etag=\"{hex32}\"\n",
    "{n}_md5: {hex32}\n",
    "<build project=\"{n}\" id=\"{uuid}\" number=\"{s}\"/>\n",
    "{N}_API_KEY=your_{n}_api_key_here\n",
    "{n}:\n  api_key: ${{N}_API_KEY}\n",
    "client = {C}Client(os.environ[\"{N}_TOKEN\"])\n",
    "{n}_token = get_{n}_token_from_vault(user_id)\n",
    "trace={hex32} span={hex16} service={n}\n",
    "https://cdn.{n}.com/assets/{hex40}/logo.png\n",
    "checksum {n}-{s}.tar.gz {hex64}\n",
    "{n}.cache.key={n}-production-cache-key-v2\n",
    "<secret>{{{{ vault_{n}_secret }}}}</secret>\n",
]


def dressed(template: str, random: Random, name: str) -> str:
    """A template with everything but the key filled in."""
    values = {
        "{n}": name, "{N}": name.upper(), "{C}": name.capitalize(), "{d}": f"{random.randrange(1, 29):02}",
        "{s}": str(random.randrange(10, 60)), "{hex8}": pick(random, HEX, 8), "{hex16}": pick(random, HEX, 16),
        "{hex32}": pick(random, HEX, 32), "{hex40}": pick(random, HEX, 40), "{hex64}": pick(random, HEX, 64),
        "{b86}": pick(random, BASE62 + "+/", 86), "{uuid}": uuid(random),
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return template


def neutral(random: Random) -> Iterator[Sample]:
    """Each provider once with a key of no special form, and once as a harmless twin."""
    for name in PROVIDERS:
        template = random.choice(SURROUNDINGS)
        yield Builder().fill(dressed(template, random, name), plain(random), name).sample("secrets, any provider")
        yield Builder().say(dressed(random.choice(TWINS), random, name)).sample("secrets, any provider", twin=True)


PLACES = [
    "{v}", "key: {v}\n", "\"{v}\",", "token={v}&next=1", "see {v}.", "Authorization: Bearer {v}\n", "x = '{v}';\n",
    "<value>{v}</value>", "INFO using {v} for region eu-west-1\n", "{\"k\": \"{v}\"}",
]


def home(random: Random) -> Iterator[Sample]:
    """Each documented form in several places, without its provider's name."""
    for kind, parts in DOCUMENTED:
        for template in random.sample(PLACES, 4):
            if kind in ("okta", "twilio-key"):
                template = f"{kind.split('-')[0]} {template}"
            yield Builder().fill(template, documented(random, parts), kind).sample("secrets, documented forms")
