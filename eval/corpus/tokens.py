"""Random tokens in the forms that providers hand out. Every value is drawn from the given generator; none is real."""

from __future__ import annotations

import base64
import json
import string
from random import Random

HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
BASE62 = string.ascii_letters + string.digits
URLSAFE = BASE62 + "-_"
BASE32 = string.ascii_uppercase + "234567"


def pick(random: Random, alphabet: str, length: int) -> str:
    """A token with at least one letter and one digit where the alphabet has both: a real one nearly always has."""
    kinds = [kind for kind in (str.isdigit, str.isalpha) if length > 3 and any(map(kind, alphabet))]
    while True:
        token = "".join(random.choices(alphabet, k=length))
        if all(any(map(kind, token)) for kind in kinds) and token[0].isalnum() and token[-1].isalnum():
            return token


def uuid(random: Random) -> str:
    """A version 4 UUID."""
    digits = list(pick(random, HEX, 32))
    digits[12], digits[16] = "4", random.choice("89ab")
    text = "".join(digits)
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def segment(random: Random, value: object) -> str:
    """One part of a JSON Web Token."""
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def jwt(random: Random) -> str:
    """A signed JSON Web Token."""
    head = segment(random, {"alg": "HS256", "typ": "JWT"})
    body = segment(random, {"sub": str(random.randrange(10**9)), "iat": 1_700_000_000 + random.randrange(10**7)})
    return f"{head}.{body}.{pick(random, URLSAFE, 43)}"


# Forms with a prefix of their own, from the providers' documentation: name, then a template of literal parts and
# (alphabet, length) parts.
DOCUMENTED: list[tuple[str, list[str | tuple[str, int]]]] = [
    ("aws-access-key-id", ["AKIA", (BASE32, 16)]),
    ("aws-temporary-key-id", ["ASIA", (BASE32, 16)]),
    ("github-pat", ["ghp_", (BASE62, 36)]),
    ("github-oauth", ["gho_", (BASE62, 36)]),
    ("github-fine-grained", ["github_pat_", (BASE62, 22), "_", (BASE62, 59)]),
    ("gitlab-pat", ["glpat-", (URLSAFE, 20)]),
    ("gitlab-runner", ["glrt-", (URLSAFE, 20)]),
    ("slack-bot", ["xoxb-", ("0123456789", 12), "-", ("0123456789", 12), "-", (BASE62, 24)]),
    ("slack-user", ["xoxp-", ("0123456789", 12), "-", ("0123456789", 12), "-", ("0123456789", 12), "-", (HEX, 32)]),
    ("slack-webhook", ["https://hooks.slack.com/services/T", (UPPER, 8), "/B", (UPPER, 10), "/", (BASE62, 24)]),
    ("stripe-live", ["sk_live_", (BASE62, 24)]),
    ("stripe-restricted", ["rk_live_", (BASE62, 24)]),
    ("stripe-webhook", ["whsec_", (BASE62, 32)]),
    ("openai-project", ["sk-proj-", (URLSAFE, 74), "T3BlbkFJ", (URLSAFE, 74)]),
    ("openai-legacy", ["sk-", (BASE62, 20), "T3BlbkFJ", (BASE62, 20)]),
    ("anthropic", ["sk-ant-api03-", (URLSAFE, 93), "AA"]),
    ("google-api", ["AIza", (URLSAFE, 35)]),
    ("google-client-secret", ["GOCSPX-", (URLSAFE, 28)]),
    ("huggingface", ["hf_", (string.ascii_letters, 34)]),
    ("groq", ["gsk_", (BASE62, 52)]),
    ("xai", ["xai-", (BASE62, 80)]),
    ("replicate", ["r8_", (BASE62, 37)]),
    ("perplexity", ["pplx-", (BASE62, 48)]),
    ("openrouter", ["sk-or-v1-", (HEX, 64)]),
    ("npm", ["npm_", (BASE62, 36)]),
    ("pypi", ["pypi-AgEIcHlwaS5vcmc", (URLSAFE, 120)]),
    ("rubygems", ["rubygems_", (HEX, 48)]),
    ("docker", ["dckr_pat_", (URLSAFE, 27)]),
    ("digitalocean", ["dop_v1_", (HEX, 64)]),
    ("sendgrid", ["SG.", (URLSAFE, 22), ".", (URLSAFE, 43)]),
    ("mailgun", ["key-", (HEX, 32)]),
    ("mailchimp", [(HEX, 32), "-us12"]),
    ("brevo", ["xkeysib-", (HEX, 64), "-", (BASE62, 16)]),
    ("twilio-key", ["SK", (HEX, 32)]),
    ("telegram-bot", [("123456789", 10), ":AA", (URLSAFE, 33)]),
    ("discord-webhook", ["https://discord.com/api/webhooks/", ("0123456789", 18), "/", (URLSAFE, 68)]),
    ("shopify", ["shpat_", (HEX, 32)]),
    ("square", ["sq0atp-", (URLSAFE, 22)]),
    ("atlassian", ["ATATT3xFfGF0", (URLSAFE, 170), "=", (UPPER, 8)]),
    ("linear", ["lin_api_", (BASE62, 40)]),
    ("notion", ["ntn_", (BASE62, 46)]),
    ("figma", ["figd_", (URLSAFE, 40)]),
    ("hubspot", ["pat-na1-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)]),
    ("grafana", ["glsa_", (BASE62, 32), "_", (HEX, 8)]),
    ("newrelic", ["NRAK-", (UPPER, 27)]),
    ("databricks", ["dapi", (HEX, 32)]),
    ("vault", ["hvs.", (URLSAFE, 95)]),
    ("terraform", [(BASE62, 14), ".atlasv1.", (URLSAFE, 67)]),
    ("doppler", ["dp.pt.", (BASE62, 43)]),
    ("postman", ["PMAK-", (HEX, 24), "-", (HEX, 34)]),
    ("tailscale", ["tskey-auth-", (BASE62, 12), "CNTRL-", (BASE62, 32)]),
    ("sentry", ["sntryu_", (HEX, 64)]),
    ("planetscale", ["pscale_tkn_", (URLSAFE, 43)]),
    ("supabase", ["sbp_", (HEX, 40)]),
    ("airtable", ["pat", (BASE62, 14), ".", (HEX, 64)]),
    ("pulumi", ["pul-", (HEX, 40)]),
    ("dynatrace", ["dt0c01.", (UPPER, 24), ".", (UPPER, 64)]),
    ("age", ["AGE-SECRET-KEY-1", ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)]),
    ("flutterwave", ["FLWSECK_TEST-", (HEX, 32), "-X"]),
    ("razorpay", ["rzp_live_", (BASE62, 14)]),
    ("easypost", ["EZAK", (BASE62, 54)]),
    ("square-oauth", ["sq0csp-", (URLSAFE, 43)]),
    ("azure-ad", [(BASE62, 3), "8Q~", (URLSAFE + "~.", 34)]),
    ("alibaba", ["LTAI5t", (BASE62, 18)]),
    ("intra", ["s-s4t2ud-", (HEX, 64)]),
    ("typeform", ["tfp_", (URLSAFE, 59)]),
    ("contentful", ["CFPAT-", (URLSAFE, 43)]),
    ("launchdarkly", ["sdk-", (HEX, 8), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 4), "-", (HEX, 12)]),
    ("buildkite", ["bkua_", (HEX, 40)]),
    ("circleci", ["CCIPAT_", (BASE62, 22), "_", (HEX, 40)]),
    ("sonarqube", ["sqp_", (HEX, 40)]),
    ("render", ["rnd_", (BASE62, 32)]),
    ("fly", ["FlyV1 fm2_", (BASE62 + "+/", 200)]),
    ("nvidia", ["nvapi-", (URLSAFE, 64)]),
    ("pinecone", ["pcsk_", (BASE62, 6), "_", (BASE62, 63)]),
    ("langsmith", ["lsv2_pt_", (HEX, 32), "_", (HEX, 10)]),
    ("posthog", ["phx_", (BASE62, 43)]),
    ("resend", ["re_", (BASE62, 8), "_", (BASE62, 24)]),
    ("okta", ["00", (URLSAFE, 40)]),
]

# Forms without a prefix: what most providers hand out.
PLAIN: list[tuple[str, int]] = [
    (HEX, 32), (HEX, 40), (HEX, 64), (HEX, 24), (BASE62, 20), (BASE62, 24), (BASE62, 32), (BASE62, 40), (BASE62, 64),
    (LOWER, 20), (LOWER, 24), (LOWER, 32), (LOWER, 40), (UPPER, 20), (UPPER, 32), (URLSAFE, 22), (URLSAFE, 32),
    (URLSAFE, 43), (BASE62, 16), (LOWER, 16), (UPPER, 16),
]


def documented(random: Random, parts: list[str | tuple[str, int]]) -> str:
    """A token of a documented form."""
    return "".join(part if isinstance(part, str) else pick(random, *part) for part in parts)


def plain(random: Random) -> str:
    """A token without a prefix; one in eight is a UUID."""
    return uuid(random) if random.random() < 0.125 else pick(random, *random.choice(PLAIN))
