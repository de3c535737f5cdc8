"""Evaluates an environment document for people with the published Python engine, read as the published SDK reads it.

Reads document and people from standard input; prints one line with the flags of each.
"""

import json
import sys

from flag_engine.engine import get_evaluation_result
from flagsmith.mappers import map_context_and_identity_data_to_context, map_environment_document_to_context

plan = json.load(sys.stdin)
context = map_environment_document_to_context(plan["document"])
answers = []
for person in plan["people"]:
    asked = map_context_and_identity_data_to_context(context, person["identifier"], person["traits"])
    flags = get_evaluation_result(asked)["flags"]
    members = ("enabled", "value", "variant", "reason")
    answers.append({name: {member: flag.get(member) for member in members} for name, flag in flags.items()})
print(json.dumps(answers), flush=True)
