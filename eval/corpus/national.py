"""National numbers of twenty countries, valid and with one digit changed, made and checked by python-stdnum."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from random import Random

from . import Builder, Sample

# Module of python-stdnum, form (`9` a digit, `A` a letter, anything else itself), what people call it.
KINDS = [
    ("us.ssn", "999-99-9999", "SSN"), ("gb.nhs", "999 999 9999", "NHS number"), ("de.idnr", "99 999 999 999", "Steuer-ID"),
    ("fr.nir", "9 99 99 99 999 999 99", "numéro de sécurité sociale"), ("es.dni", "99999999A", "DNI"),
    ("it.codicefiscale", "AAAAAA99A99A999A", "codice fiscale"), ("pt.nif", "999999999", "NIF"), ("nl.bsn", "999999999", "BSN"),
    ("be.nn", "99.99.99-999.99", "rijksregisternummer"), ("pl.pesel", "99999999999", "PESEL"), ("se.personnummer", "999999-9999", "personnummer"),
    ("dk.cpr", "999999-9999", "CPR-nummer"), ("fi.hetu", "999999-999A", "henkilötunnus"), ("no.fodselsnummer", "999999 99999", "fødselsnummer"),
    ("br.cpf", "999.999.999-99", "CPF"), ("ca.sin", "999-999-999", "SIN"), ("au.tfn", "999 999 999", "tax file number"),
    ("za.idnr", "9999999999999", "ID number"), ("in_.aadhaar", "9999 9999 9999", "Aadhaar"), ("cn.ric", "999999999999999999", "身份证号"),
]

SENTENCES = ["My {name} is {v}.", "{name}: {v}", "customer with {name} {v} called", "{\"{name}\": \"{v}\"}"]


def draw(random: Random, form: str) -> str:
    """A text of this form."""
    fill = {"9": lambda: random.choice("0123456789"), "A": lambda: random.choice("ABCDEFGHJKLMNPQRSTUVWXYZ")}
    return "".join(fill[c]() if c in fill else c for c in form)


def birth(random: Random, order: str) -> str:
    """A date of birth in digits: the forms that begin with one are hit too rarely by chance."""
    year, month, day = random.randrange(1950, 2000), random.randrange(1, 13), random.randrange(1, 28)
    parts = {"y": f"{year % 100:02}", "Y": str(year), "m": f"{month:02}", "d": f"{day:02}"}
    return "".join(parts[c] for c in order)


STARTS = {
    "pl.pesel": "ymd", "se.personnummer": "ymd", "dk.cpr": "dmy", "fi.hetu": "dmy", "no.fodselsnummer": "dmy", "za.idnr": "ymd",
}


def candidate(random: Random, module: str, form: str) -> str:
    """A number that may be valid."""
    text = draw(random, form)
    if module in STARTS:
        start = birth(random, STARTS[module])
        text = start + text[len(start) :]
    elif module == "fr.nir":
        text = f"{random.choice('12')} {random.randrange(30, 99)} {random.randrange(1, 13):02} {random.randrange(1, 96):02}" + text[10:]
    elif module == "cn.ric":
        text = random.choice(["110101", "310104", "440305", "510107"]) + birth(random, "Ymd") + text[14:]
    elif module == "be.nn":
        date = birth(random, "ymd")
        text = f"{date[:2]}.{date[2:4]}.{date[4:]}" + text[8:]
    elif module == "it.codicefiscale":
        text = text[:8] + random.choice("ABCDEHLMPRST") + f"{random.randrange(1, 29):02}" + text[11:]
    return text


def valid(random: Random, module: str, form: str) -> str:
    """A number that passes the module's check; the last characters are tried through."""
    check = importlib.import_module(f"stdnum.{module}")
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    while True:
        text = candidate(random, module, form)
        tail = 2 if module in ("fr.nir", "be.nn", "no.fodselsnummer", "br.cpf") else 1
        for number in range(100 if tail == 2 else len(alphabet)):
            last = f"{number:02}" if tail == 2 else alphabet[number]
            attempt = text[:-tail] + last
            if check.is_valid(attempt):
                return attempt


def changed(random: Random, module: str, number: str) -> str:
    """The number with one digit changed so that its check fails."""
    check = importlib.import_module(f"stdnum.{module}")
    places = [at for at, c in enumerate(number) if c.isdigit()]
    while True:
        at = random.choice(places)
        attempt = number[:at] + random.choice("0123456789".replace(number[at], "")) + number[at + 1 :]
        if not check.is_valid(attempt):
            return attempt


def numbers(random: Random, per_kind: int = 30) -> Iterator[Sample]:
    """Each kind valid, and with one digit changed. US numbers have no check digit: an impossible area instead."""
    for module, form, name in KINDS:
        for _ in range(per_kind):
            number = valid(random, module, form)
            sentence = random.choice(SENTENCES).replace("{name}", name)
            yield Builder().fill(sentence, number, module).sample("national numbers")
            wrong = "000" + number[3:] if module == "us.ssn" else changed(random, module, number)
            yield Builder().say(sentence.replace("{v}", wrong)).sample("national numbers", twin=True)
