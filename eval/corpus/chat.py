"""Prompts as people type them into a chat: a question, with code, logs or mail pasted below, in which secrets and
personal data stand; and as many clean ones."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from faker import Faker

from . import Builder, Sample
from .people import iban, phone_text
from .tokens import BASE32, BASE62, DOCUMENTED, HEX, URLSAFE, documented, jwt, pick

QUESTIONS = [
    "Why does this fail?", "Can you explain what is wrong here:", "Please rewrite this so that it reads better.",
    "Warum geht das nicht?", "Write a test for this function", "Summarise the following for my boss:",
    "Translate this to English, keep the format.", "Comment améliorer ceci ?", "Convert this to Terraform please",
    "make this a proper bash script", "I get a 403 with this, what am I missing?", "Review my config:",
]

SECRETS = [
    ("aws-key-id", "aws configure\nAWS Access Key ID [None]: {v}\n"),
    ("aws-key-id", "{v} is in the logs, whose is it?\n"),
    ("aws-secret", "aws_secret_access_key = {v}\nregion = eu-central-1\n"),
    ("telegram", "bot = telebot.TeleBot('{v}')\nbot.polling()\n"),
    ("telegram", "here: {v}\n"),
    ("password", "my password is {v} but it says wrong password\n"),
    ("password", "DB_HOST=db1\nDB_USER=app\nDB_PASSWORD={v}\n"),
    ("password", "user: admin\npass: {v}\n"),
    ("password", "conn = psycopg2.connect(host='db', user='app', password='{v}')\n"),
    ("password", "Das Passwort lautet {v}, der Login ist admin.\n"),
    ("password", "mysql -u root -p{v} shop < dump.sql\n"),
    ("password", "login: jsmith / {v}\n"),
    ("password", "  spring.datasource.password: {v}\n"),
    ("url-password", "postgres://app:{v}@db.internal:5432/shop\n"),
    ("url-password", "REDIS_URL=redis://:{v}@cache:6379/0\n"),
    ("url-password", "mongodb+srv://svc:{v}@cluster0.ab1cd.mongodb.net/prod\n"),
    ("generic", "api_key = \"{v}\"\n"),
    ("generic", "headers = {'X-Api-Key': '{v}'}\n"),
    ("generic", "client_secret: {v}\n"),
    ("generic", "SESSION_SECRET={v}\n"),
    ("generic", "Authorization: Token {v}\n"),
    ("generic", "services:\n  web:\n    environment:\n      - SECRET_KEY={v}\n"),
    ("jwt", "curl -H 'Authorization: Bearer {v}' https://intranet/api\n"),
    ("private-key", "{v}\n"),
    ("provider", "TOKEN={v}\n"),
    ("provider", "const k = \"{v}\"\n"),
    ("provider", "[error] auth failed for {v} (401)\n"),
]

PEOPLE = [
    ("email", "From: {v}\nTo: team\n"), ("email", "please write to {v} about it\n"),
    ("phone", "You can reach me at {v} after five.\n"), ("phone", "Tel.: {v}\n"),
    ("card", "card number {v}, thanks\n"), ("card", "Kreditkarte: {v}\n"),
    ("iban", "IBAN: {v}\n"), ("iban", "please transfer to {v} by Friday\n"),
    ("ip", "client {v} connected\n"), ("ssn", "SSN: {v}\n"),
    ("person", "Dear Mr. {v},\n"), ("person", "My name is {v} and I work in sales.\n"),
    ("address", "Ship to {v}\n"), ("birth", "Date of birth: {v}\n"),
]

CLEAN = [
    "def fold(items, key=lambda x: x):\n    out = {}\n    for item in items:\n        out.setdefault(key(item), []).append(item)\n    return out\n",
    "2024-05-12 10:42:17,331 INFO worker-3 job 48213 took 1532 ms, 12 of 4096 rows\n",
    "id,name,price,updated\n10231,lamp,19.90,2024-03-01\n10232,desk,249.00,2024-03-02\n",
    "password = os.environ[\"DB_PASSWORD\"]\ntoken = get_token(user)\napi_key: ${API_KEY}\n",
    "commit 3f1c9a7be24d5f60718293a4b5c6d7e8f9012345\nMerge: 1a2b3c4 5d6e7f8\n",
    "error[E0382]: borrow of moved value: `request`\n  --> src/main.rs:42:17\n",
    "The quarterly plan has three parts: hiring, pricing and the move to the new building in May.\n",
    "npm ERR! code ERESOLVE\nnpm ERR! peer react@\"^17.0.2\" from react-beautiful-dnd@13.1.1\n",
    "SELECT o.id, SUM(l.qty * l.price) FROM orders o JOIN lines l ON l.order_id = o.id GROUP BY 1;\n",
    "Version 10.4.2.1 fixes the bug that was reported in ISBN 978-3-16-148410-0 and ticket 20240312-0017.\n",
    "<div class=\"c-7f3a9b2e\" id=\"row-1024\"><span>Total: 1 234,50 EUR</span></div>\n",
    "Kannst du mir erklären, wie ein Passwort-Hash mit Salt funktioniert? Bitte mit Beispiel.\n",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  release.tar.gz\n",
]


def password(random: Random) -> str:
    """A password as people choose and machines make them."""
    words = ["Sommer", "winter", "Dragon", "Berlin", "monkey", "Schalke", "coffee", "Liverpool", "tiger", "Muenchen", "Pa55word"]
    styles = [
        lambda: f"{random.choice(words)}{random.randrange(1970, 2030)}{random.choice('!?#$%*')}",
        lambda: pick(random, BASE62, random.randrange(8, 16)),
        lambda: pick(random, BASE62 + "!#%*+-", random.randrange(10, 20)),
        lambda: f"{random.choice(words)}-{random.choice(words).lower()}-{random.randrange(10, 99)}",
        lambda: random.choice(words).replace("o", "0").replace("e", "3") + str(random.randrange(100)) + "!",
    ]
    return random.choice(styles)()


def private_key(random: Random) -> str:
    """A private key file of the usual length."""
    body = "\n".join(pick(random, BASE62 + "+/", 64) for _ in range(25))
    kind = random.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "EC PRIVATE KEY"])
    return f"-----BEGIN {kind}-----\n{body}\n-----END {kind}-----"


def secret(random: Random, kind: str) -> str:
    """A value of this kind."""
    match kind:
        case "aws-key-id":
            return "AKIA" + pick(random, BASE32, 16)
        case "aws-secret":
            return pick(random, BASE62 + "+/", 40)
        case "telegram":
            return f"{random.randrange(10**8, 10**10)}:AA{pick(random, URLSAFE, 33)}"
        case "password" | "url-password":
            return password(random).replace("#", "-").replace("%", "_") if kind == "url-password" else password(random)
        case "generic":
            return pick(random, *random.choice([(HEX, 32), (HEX, 64), (BASE62, 24), (BASE62, 40), (URLSAFE, 43)]))
        case "jwt":
            return jwt(random)
        case "private-key":
            return private_key(random)
        case _:
            kinds = [parts for name, parts in DOCUMENTED if name not in ("okta", "twilio-key", "fly")]
            return documented(random, random.choice(kinds))


def person_value(random: Random, fake: Faker, kind: str) -> str:
    """A value of this kind of personal data."""
    match kind:
        case "email":
            return fake.email(safe=False)
        case "phone":
            return phone_text(fake)
        case "card":
            number = fake.credit_card_number(random.choice(["visa16", "mastercard", "amex"]))
            return number if random.random() < 0.4 or len(number) != 16 else " ".join(number[i : i + 4] for i in range(0, 16, 4))
        case "iban":
            return iban(random)
        case "ip":
            return fake.ipv4_public()
        case "ssn":
            return f"{random.choice([219, 401, 536, 612])}-{random.randrange(10, 99)}-{random.randrange(1000, 9999)}"
        case "person":
            return f"{fake.first_name()} {fake.last_name()}"
        case "address":
            return fake.address().replace("\n", ", ")
        case _:
            return fake.date_of_birth().strftime(random.choice(["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y", "%d %B %Y"]))


def prompts(random: Random, n_prompts: int = 600) -> Iterator[Sample]:
    """Half with secrets, half with personal data, and a quarter as many clean ones."""
    fakes = [Faker(locale) for locale in ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL")]
    for fake in fakes:
        fake.seed_instance(random.randrange(2**31))
    for at in range(n_prompts):
        builder = Builder().say(random.choice(QUESTIONS) + "\n\n" + random.choice(CLEAN))
        if at % 2 == 0:
            kind, template = random.choice(SECRETS)
            builder.fill(template, secret(random, kind), kind)
        else:
            kind, template = random.choice(PEOPLE)
            builder.fill(template, person_value(random, random.choice(fakes), kind), kind)
        builder.say(random.choice(CLEAN))
        yield builder.sample("chat, secrets" if at % 2 == 0 else "chat, personal data")
    for _ in range(n_prompts // 4):
        text = random.choice(QUESTIONS) + "\n" + "".join(random.sample(CLEAN, 3))
        yield Builder().say(text).sample("chat, clean", twin=True)
