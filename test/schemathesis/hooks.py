"""What Schemathesis must know beside the OpenAPI document: the formats and rules that it tells in words, requests that
wait, and refusals that depend on what is stored. And a check of our own: no answer has a header that is not declared."""

import datetime
import re
import unicodedata
import uuid

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import AcceptedNegativeData, MalformedJson
from schemathesis.core.jsonschema import make_validator
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import JsonSchemaError, MissingContentType, RejectedPositiveData, UndefinedStatusCode

PROSE_CHARACTERS = 20_000
UNSEEN = "\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"

# Carried by every answer, for the connection or against misuse by browsers: no part of an operation.
GENERAL = re.compile(
    "access-control-.*|connection|content-(length|security-policy|type)|cross-origin-resource-policy|date|keep-alive"
    "|referrer-policy|strict-transport-security|transfer-encoding|x-accel-buffering|x-(content-type|frame)-options"
)

# Patterns of texts of which only words tell the characters: keys are any text but `.` and `..`.
PLAIN = {None, r"^($|\.{0,2}[^.]|\.{3})"}

# Seconds for which an answer may be asked to wait, as values and as words.
WAITS = [*range(1, 31), *map(str, range(1, 31))]

# "Beside what an operation lists, any request may meet", says the document.
MET_ANYWHERE = {405, 408, 417, 431}

# Faults of what the schema of a body or of a parameter cannot tell: they come from other fields, from what is stored,
# or from digits of numbers.
RULES = {
    "before-start",
    "bound-twice",
    "checksum",
    "cycle",
    "draft",
    "duplicate",
    "future",
    "mismatch",
    "no-word",
    "not-together",
    "past",
    "self-reference",
    "taken",
    "too-deep",
    "too-precise",
    "unknown-reference",
    "unknown-territory",
}

# A cursor is what a page before gave, a key is used with one body, and the bound of headers is that of their sum.
PROBLEMS = {"invalid-cursor", "other-past", "journal-pruned", "idempotency-key-reused", "headers-too-large"}

# What is required or has another form because of another field.
FIELDS = re.compile(
    r"(.*/)?(code|territory|territories/\d+) invalid-form|(.*/)?(funderName|latitude|longitude|organizationId|source) required"
    r"|(near|radius|bbox) invalid|columns unknown-code"
)


@schemathesis.serializer("application/x-ndjson")
def lines(_context, value):
    """Lines of JSON are sent as the text that they are."""
    return value if isinstance(value, bytes) else str(value).encode()


def texts(*extra):
    """Trimmed, without control characters, invisible ones, and marks (of which a letter has 30 at most)."""
    characters = st.characters(exclude_categories=["Cc", "Cs", "Mn", "Mc", "Me"], exclude_characters=UNSEEN)
    inside = st.one_of(characters, *map(st.just, extra)) if extra else characters
    return st.text(inside, min_size=1).filter(lambda text: text.strip() == text)


days = st.dates(datetime.date(1900, 1, 1), datetime.date(2199, 12, 31)).map(str)
hosts = st.from_regex(r"[a-z][a-z0-9]{0,9}\.(fr|org|example)", fullmatch=True)
paths = st.from_regex(r"(/[a-zA-Z0-9_~.-]{0,9}){0,3}", fullmatch=True)

formats = {
    "date": days,
    "partial-date": st.one_of(days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4])),
    "text": texts(),
    "prose": texts("\n", "\t"),
    "phone": st.from_regex(r"\+?[0-9]([ .-]?[0-9]){3,14}", fullmatch=True),
    "uri": st.builds("http{}://{}{}".format, st.sampled_from(["", "s"]), hosts, paths),
    "email": st.builds("{}@{}".format, st.from_regex(r"[a-z0-9]+([._+-][a-z0-9]+)?", fullmatch=True), hosts),
    "opening-hours": st.sampled_from(["24/7", "Mo-Fr 09:00-12:00", "Mo,We 14:00-18:00; PH off", 'Sa "sur rendez-vous"']),
}
for name, strategy in formats.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Names the formats that the document tells in words."""
    name_formats(raw_schema.get("components", {}).get("schemas", {}), "")
    name_formats(raw_schema.get("paths", {}), "")


def name_formats(part, name):
    if isinstance(part, list):
        for one in part:
            name_formats(one, name)
    if not isinstance(part, dict):
        return
    kinds = part.get("type")
    is_text = "string" in (kinds if isinstance(kinds, list) else [kinds])
    pattern = part.get("pattern")
    # The schema of a table has a property of this name.
    is_plain = not isinstance(pattern, dict) and pattern in PLAIN and not {"format", "enum"} & part.keys()
    if is_text and is_plain and "maxLength" in part:
        is_prose = part["maxLength"] >= PROSE_CHARACTERS
        part["format"] = "phone" if name == "phone" else "prose" if is_prose else "text"
    for inner, value in part.items():
        if inner not in ("example", "examples"):
            name_formats(value, inner)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Nobody waits for changes, and the key that the document shows names one request only."""
    if case.query and case.query.get("wait") in WAITS:
        case.query["wait"] = 0
    shown = "e7f1c3a0-1f6b-4c57-9d55-1a7b0a3c9c11"
    if case.headers and case.headers.get("Idempotency-Key") == shown:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Whether it is a failure indeed: not what the words of the document, but not its schemas, tell."""
    if isinstance(failure, UndefinedStatusCode):
        return response.status_code not in MET_ANYWHERE
    if isinstance(failure, (MalformedJson, MissingContentType, JsonSchemaError)):
        return response.headers.get("preference-applied") != ["return=minimal"] or response.content != b""
    if isinstance(failure, RejectedPositiveData):
        return are_headers_valid(case) and not is_without_id(case) and not is_rule(response.json())
    if isinstance(failure, AcceptedNegativeData):
        # What is replayed is looked up before the headers that it does not need again.
        return "idempotent-replayed" not in response.headers and not is_repaired(case)
    return True


def is_without_id(case):
    """Whether a link led on from an id that is null."""
    values = [*(case.path_parameters or {}).values(), *(case.query or {}).values()]
    return any(value in (None, "None", ["None"], [None]) for value in values)


def are_headers_valid(case):
    """Not always: of a pattern and a length together Schemathesis also makes values that fit neither."""
    known = [(case.operation.headers.get(name), value) for name, value in (case.headers or {}).items()]
    return all(one is None or one.get_validator().is_valid(value) for one, value in known)


def is_rule(problem):
    if problem["type"].removeprefix("/problems/") in PROBLEMS:
        return True
    faults = problem.get("errors", [])
    places = [fault.get("parameter", fault.get("pointer")) for fault in faults]
    return faults != [] and all(
        fault["code"] in RULES or FIELDS.fullmatch(f"{place} {fault['code']}") for place, fault in zip(places, faults)
    )


def is_repaired(case):
    """Whether the body is valid once it is repaired: text is trimmed and NFC, and empty text is null where it may be."""
    body = case.operation.get_body_for_media_type(case.media_type) if case.media_type else None
    others = [part for location, part in case.meta.components.items() if location != ParameterLocation.BODY]
    if body is None or any(part.mode.is_negative for part in others):
        return False
    validator = make_validator(body.optimized_schema, case.operation.schema.adapter.jsonschema_validator_cls)
    return validator.is_valid(repaired(case.body))


def repaired(value):
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip() or None
    if isinstance(value, list):
        return [repaired(one) for one in value]
    return {name: repaired(one) for name, one in value.items()} if isinstance(value, dict) else value


@schemathesis.check
def declared_headers(ctx, response, case):
    declared = case.operation.responses.find_by_status_code(response.status_code)
    if declared is None or case.method.upper() != case.operation.method.upper():
        return
    known = {name.lower() for name, _ in declared.headers.items()}
    strange = [name for name in response.headers if not GENERAL.fullmatch(name) and name not in known]
    if strange:
        raise AssertionError(f"not declared for a {response.status_code}: {', '.join(strange)}")
