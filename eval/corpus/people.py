"""Single values of personal data in sentences, as Faker makes them for 36 locales."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from faker import Faker

from . import Builder, Sample

LOCALES = [
    "en_US", "en_GB", "en_CA", "en_AU", "en_IN", "en_IE", "en_NZ", "de_DE", "de_AT", "de_CH", "fr_FR", "fr_BE", "fr_CH", "es_ES",
    "es_MX", "es_AR", "it_IT", "pt_PT", "pt_BR", "nl_NL", "nl_BE", "pl_PL", "cs_CZ", "da_DK", "sv_SE", "no_NO", "fi_FI",
    "hu_HU", "ro_RO", "tr_TR", "ru_RU", "uk_UA", "el_GR", "ja_JP", "ko_KR", "zh_CN",
]

SENTENCES = {
    "email": ["Please write to {v}.", "{v} did not answer", "mail: {v}"],
    "phone": ["My phone number is {v}.", "Call me at {v} tomorrow.", "Tel: {v}"],
    "person": ["My name is {v}.", "Dear {v}, thank you for your letter.", "The contract is with {v}, born in 1980."],
    "address": ["I live at {v}.", "Please deliver it to {v}.", "Address: {v}"],
    "card": ["The card number is {v}.", "paid with {v} yesterday", "Card: {v}"],
    "iban": ["IBAN {v}", "Transfer it to {v}, please.", "account: {v}"],
    "ip": ["The request came from {v}.", "host {v} is down", "ip={v}"],
    "birth": ["I was born on {v}.", "Date of birth: {v}", "DOB {v}"],
}

# Length of the account part by country, for IBANs made up here (ISO 13616 registry).
IBAN_LENGTHS = {"DE": 18, "FR": 23, "GB": 18, "NL": 14, "ES": 20, "IT": 23, "AT": 16, "CH": 17, "BE": 12, "PL": 24, "PT": 21, "SE": 20}


def iban(random: Random) -> str:
    """An IBAN with the right check digits (ISO 7064 mod 97-10), in groups of four half of the time."""
    country, length = random.choice(sorted(IBAN_LENGTHS.items()))
    account = [str(random.randrange(10)) for _ in range(length)]
    if country == "GB":
        account[:4] = "MIDL"
    if country == "NL":
        account[:4] = "ABNA"
    if country in ("IT",):
        account[0] = random.choice("ABCDEFGH")
    if country == "FR":
        account[-2:] = f"{random.randrange(1, 97):02}"
    body = "".join(account)
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    text = f"{country}{98 - number % 97:02}{body}"
    return text if random.random() < 0.5 else " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def phone_text(fake: Faker) -> str:
    """A number as the locale writes it."""
    return fake.phone_number()


def value(random: Random, fake: Faker, kind: str) -> str:
    """A value of this kind in this locale."""
    match kind:
        case "email":
            return fake.email(safe=False)
        case "phone":
            return phone_text(fake)
        case "person":
            return f"{fake.first_name()} {fake.last_name()}" if not fake.locales[0].startswith(("ja", "ko", "zh", "hu")) else fake.name()
        case "address":
            return fake.address() if random.random() < 0.5 else fake.address().replace("\n", ", ")
        case "card":
            return fake.credit_card_number()
        case "iban":
            return iban(random)
        case "ip":
            return fake.ipv4_public() if random.random() < 0.8 else fake.ipv6()
        case _:
            return fake.date_of_birth().strftime(random.choice(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"]))


def values(random: Random, per_kind: int = 6) -> Iterator[Sample]:
    """Every kind in every locale."""
    for locale in LOCALES:
        fake = Faker(locale)
        fake.seed_instance(random.randrange(2**31))
        for kind, sentences in SENTENCES.items():
            for _ in range(per_kind):
                text = value(random, fake, kind)
                yield Builder().fill(random.choice(sentences), text, f"{kind}/{locale}").sample(f"values, {kind}")
