"""Onboards a user, moves a team from one license to another, offboards a user: with Python's own library.

    GATEWAY=http://localhost:4000 python3 provision.py onboard   EMAIL NAME LICENSE GROUP
    GATEWAY=http://localhost:4000 python3 provision.py move      GROUP OLD_LICENSE NEW_LICENSE
    GATEWAY=http://localhost:4000 python3 provision.py offboard  EMAIL

GATEWAY_KEY holds an API key with the scope provision. CONNECTOR names the connector; not needed if there is only one.
Each command can be run again: it changes what is still missing, and says so if there is nothing to do.
"""

import json
import os
import sys
import urllib.error
import urllib.request
import uuid

GATEWAY = os.environ.get("GATEWAY", "http://localhost:4000")
GATEWAY_KEY = os.environ.get("GATEWAY_KEY")
CONNECTOR = os.environ.get("CONNECTOR")
OUTCOME = "outcome error { code message }"


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


def ask_connector(fields, **variables):
    """What a connector has."""
    types = {"email": "EmailAddress!", "name": "String!", "after": "String"}
    declared = "".join(f", ${name}: {types[name]}" for name in variables)
    query = f"query ($connector: String{declared}) {{ connector(name: $connector) {{ {fields} }} }}"
    return ask(query, {"connector": CONNECTOR, **variables})["connector"]


def change(mutation, variables, key=None, accept=()):
    """Makes a change, says how it ended and returns its error; exits if it was not made as requested."""
    kind = mutation[0].upper() + mutation[1:]
    query = f"mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{ {OUTCOME} }} }}"
    payload = ask(query, {"input": variables}, key)[mutation]
    error = payload["error"]
    if error is None:
        print("nothing to do" if payload["outcome"] == "NOTHING_CHANGED" else "done")
    elif error["code"] not in accept:
        sys.exit(f"{error['code']}: {error['message']}")
    return error


def onboard(email, name, license, group):
    user = {"emails": [email], "displayName": name, "licenses": {"exactly": [license]}}
    new = {"connector": CONNECTOR, "user": user}
    if change("createUser", new, key=str(uuid.uuid4()), accept=["EMAIL_TAKEN"]) is not None:
        # The user is there. The license may not be.
        user = ask_connector("user(email: $email) { id }", email=email)["user"]
        change("updateUserLicenses", {"id": user["id"], "add": [{"license": license}]})
    found = ask_connector("group(displayName: $name) { id }", name=group)["group"]
    if found is None:
        sys.exit(f"there is no group {group}")
    change("updateGroupMembers", {"id": found["id"], "add": [email]})


def members_of(group):
    """Everybody in a group, page by page."""
    fields = """group(displayName: $name) { members(first: 500, after: $after) {
        nodes { id licenses { name } } pageInfo { hasNextPage endCursor } } }"""
    after = None
    while True:
        found = ask_connector(fields, name=group, after=after)["group"]
        if found is None:
            sys.exit(f"there is no group {group}")
        yield from found["members"]["nodes"]
        if not found["members"]["pageInfo"]["hasNextPage"]:
            return
        after = found["members"]["pageInfo"]["endCursor"]


def move(group, old, new):
    for user in members_of(group):
        if old in [license["name"] for license in user["licenses"]]:
            change("updateUserLicenses", {"id": user["id"], "add": [{"license": new}], "remove": [old]})


def offboard(email):
    user = ask_connector("user(email: $email) { id }", email=email)["user"]
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
