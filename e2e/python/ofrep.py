"""Evaluates every flag for every person through OpenFeature's Python SDK and its published OFREP provider, and again when
a change is seen.

Reads a plan from standard input; prints what was seen before and after the change, a line each.
"""

import json
import sys
import time

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

PATIENCE_SECONDS = 60

plan = json.load(sys.stdin)
api.set_provider(
    OFREPProvider(plan["origin"], headers_factory=lambda: {"X-Environment-Key": plan["client_key"]}, timeout=30)
)
client = api.get_client()
evaluate = {
    "boolean": lambda flag, context: client.get_boolean_details(flag, False, context),
    "integer": lambda flag, context: client.get_integer_details(flag, 0, context),
    "string": lambda flag, context: client.get_string_details(flag, "code default", context),
}


def seen(flag, kind, person):
    details = evaluate[kind](flag, EvaluationContext(person["identifier"], person["traits"]))
    return {
        "value": details.value,
        "variant": details.variant,
        "reason": details.reason,
        "error": details.error_code,
        "enabled": details.flag_metadata.get("enabled"),
    }


def look():
    answers = {}
    for person in plan["people"]:
        flags = {flag: seen(flag, kind, person) for flag, kind in plan["flags"].items()}
        flags["missing"] = seen("missing", "string", person)
        flags["limit as a text"] = seen("limit", "string", person)
        answers[person["identifier"]] = flags
    return {"server": answers}


print(json.dumps(look()), flush=True)
news = plan["news"]
deadline = time.monotonic() + PATIENCE_SECONDS
while seen(news["flag"], "string", {"identifier": news["person"], "traits": {}})["value"] != news["value"]:
    if time.monotonic() > deadline:
        sys.exit("the change is not served")
    time.sleep(0.05)
print(json.dumps(look()), flush=True)
