"""Drives the published Python SDK against a live server.

Reads a plan from standard input, prints what every way of evaluation saw for every identity, and sends the exposures and
purchases of the plan through the SDK's own event processor.
"""

import json
import logging
import sys
import time

from flagsmith import Flagsmith
from flagsmith.analytics import EventProcessorConfig

plan = json.load(sys.stdin)
logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
api_url = plan["origin"] + "/api/v1/"
name = plan["flag"]


def seen(flag):
    return {"enabled": flag.enabled, "value": flag.value, "variant": flag.variant}


remote = Flagsmith(
    environment_key=plan["client_key"],
    api_url=api_url,
    enable_events=True,
    event_processor_config=EventProcessorConfig(
        events_api_url=plan["origin"] + "/", flush_interval_seconds=0.5
    ),
)
local = Flagsmith(
    environment_key=plan["server_key"], api_url=api_url, enable_local_evaluation=True
)

answers = {"remote": {}, "local": {}, "in_experiment": {}}
for identifier in plan["identities"]:
    flag = remote.get_experiment_flag(name, identifier, {"plan": "pro"})
    answers["remote"][identifier] = seen(flag)
    answers["in_experiment"][identifier] = bool(flag.experiment and flag.experiment.in_experiment)
    answers["local"][identifier] = seen(local.get_identity_flags(identifier, {"plan": "pro"}).get_flag(name))
for identifier in plan["buyers"]:
    remote.track_event("purchase", identifier=identifier, value=12.5)
answers["environment"] = seen(remote.get_environment_flags().get_flag(name))

deadline = time.monotonic() + 20
while time.monotonic() < deadline:
    remote._event_processor.flush()
    time.sleep(0.3)
    if not remote._event_processor._buffer:
        break
remote._event_processor.stop()
print(json.dumps(answers), flush=True)
