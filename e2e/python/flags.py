"""Looks at every flag for every person through the published Python SDK, remotely and locally, and looks again when the
local client has heard of a change by its stream.

Reads a plan from standard input; prints what was seen before and after the change, a line each.
"""

import json
import logging
import sys
import time

from flagsmith import Flagsmith

PATIENCE_SECONDS = 60

plan = json.load(sys.stdin)
logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
api_url = plan["origin"] + "/api/v1/"
clients = {
    "remote": Flagsmith(environment_key=plan["client_key"], api_url=api_url),
    "local": Flagsmith(
        environment_key=plan["server_key"],
        api_url=api_url,
        enable_local_evaluation=True,
        enable_realtime_updates=True,
        realtime_api_url=plan["origin"] + "/",
    ),
}


def seen(flag):
    return {"enabled": flag.enabled, "value": flag.value, "variant": flag.variant, "reason": flag.reason}


def look():
    answers = {}
    for name, client in clients.items():
        answers[name] = {}
        for person in plan["people"]:
            flags = client.get_identity_flags(person["identifier"], person["traits"])
            answers[name][person["identifier"]] = {flag: seen(flags.get_flag(flag)) for flag in plan["flags"]}
    return answers


def has_news():
    news = plan["news"]
    return clients["local"].get_identity_flags(news["person"]).get_flag(news["flag"]).value == news["value"]


print(json.dumps(look()), flush=True)
deadline = time.monotonic() + PATIENCE_SECONDS
while not has_news():
    if time.monotonic() > deadline:
        sys.exit("the change did not arrive by the stream")
    time.sleep(0.05)
print(json.dumps(look()), flush=True)
