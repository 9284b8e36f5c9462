"""Onboards a user, moves a team from one license to another, offboards a user: with Python's own library.

    GATEWAY=http://localhost:4000 python3 provision.py onboard   EMAIL NAME LICENSE GROUP
    GATEWAY=http://localhost:4000 python3 provision.py move      GROUP OLD_LICENSE NEW_LICENSE
    GATEWAY=http://localhost:4000 python3 provision.py offboard  EMAIL

GATEWAY_KEY holds an API key with the scope provision. Each may be run again: what is done already is found. A request whose answer is lost is sent again with its
key, so that nothing is done twice.
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid

GATEWAY = os.environ.get("GATEWAY", "http://localhost:4000")
GATEWAY_KEY = os.environ.get("GATEWAY_KEY")
OUTCOME = "__typename ... on NothingChanged { message } ... on Error { code message }"


def ask(query, variables=None, key=None):
    """The data of the answer; exits with its errors where there are any."""
    headers = {"Content-Type": "application/json"}
    if GATEWAY_KEY is not None:
        headers["Authorization"] = f"Bearer {GATEWAY_KEY}"
    if key is not None:
        headers["Idempotency-Key"] = key
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    request = urllib.request.Request(f"{GATEWAY}/graphql", body, headers)
    for is_last in [key is None, False, True]:
        try:
            with urllib.request.urlopen(request) as response:
                answer = json.load(response)
            break
        except urllib.error.HTTPError as refusal:
            answer = json.load(refusal)
            break
        except urllib.error.URLError:
            if is_last:
                raise
    if "errors" in answer:
        sys.exit("\n".join(error["message"] for error in answer["errors"]))
    return answer["data"]


def change(mutation, variables, key=None):
    """Makes a change and says what came of it; exits where it was not made as asked for."""
    kind = mutation[0].upper() + mutation[1:]
    query = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {OUTCOME} }} }}"
    outcome = ask(query, {"input": variables}, key)[mutation]
    if outcome.get("code") == "EMAIL_TAKEN":
        print(f"nothing to do: {outcome['message']}")
        return
    if "code" in outcome:
        sys.exit(f"{outcome['code']}: {outcome['message']}")
    print(f"nothing to do: {outcome['message']}" if "message" in outcome else "done")


def onboard(email, name, license, group):
    connector = ask("{ connector { id } }")["connector"]["id"]
    user = {"connectorId": connector, "emails": [email], "displayName": name, "licenses": [license]}
    change("createUser", user, key=str(uuid.uuid4()))
    found = ask("query ($name: String!) { connector { group(displayName: $name) { id } } }", {"name": group})
    if found["connector"]["group"] is None:
        sys.exit(f"there is no group {group}")
    change("updateGroupMembers", {"groupId": found["connector"]["group"]["id"], "add": [email]})


def move(group, old, new):
    query = """query ($name: String!) { connector { group(displayName: $name) {
        members(first: 500) { nodes { id licenses { name } } } } } }"""
    for user in ask(query, {"name": group})["connector"]["group"]["members"]["nodes"]:
        if old in [license["name"] for license in user["licenses"]]:
            change("updateUserLicenses", {"userId": user["id"], "add": [{"license": new}], "remove": [old]})


def offboard(email):
    query = "query ($email: EmailAddress!) { connector { user(email: $email) { id } } }"
    user = ask(query, {"email": email})["connector"]["user"]
    if user is None:
        print(f"nothing to do: there is no {email}")
    else:
        change("deleteUser", {"id": user["id"]})


COMMANDS = {"onboard": (onboard, 4), "move": (move, 3), "offboard": (offboard, 1)}

if __name__ == "__main__":
    run, count = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if run is None or len(sys.argv) - 2 != count:
        sys.exit(__doc__)
    run(*sys.argv[2:])
