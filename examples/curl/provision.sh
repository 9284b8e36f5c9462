#!/usr/bin/env bash
# Onboards a user, moves a team from one license to another, offboards a user: with curl and jq.
#
#   GATEWAY=http://localhost:4000 bash provision.sh onboard   EMAIL NAME LICENSE GROUP
#   GATEWAY=http://localhost:4000 bash provision.sh move      GROUP OLD_LICENSE NEW_LICENSE
#   GATEWAY=http://localhost:4000 bash provision.sh offboard  EMAIL
#
# GATEWAY_KEY holds an API key with the scope provision. CONNECTOR names the connector; not needed if there is only one.
# Each command can be run again: it changes what is still missing, and says so if there is nothing to do.
set -euo pipefail
gateway=${GATEWAY:-http://localhost:4000}
connector=${CONNECTOR:-}
# The API key, where the gateway takes one. Through a file descriptor, so that no list of processes shows it.
authorization() { [ -z "${GATEWAY_KEY:-}" ] || printf 'header = "Authorization: Bearer %s"\n' "$GATEWAY_KEY"; }

# ask QUERY VARIABLES [KEY]: prints the data of the answer, or its errors and fails.
ask() {
  local answer key=()
  [ -z "${3:-}" ] || key=(-H "Idempotency-Key: $3" --retry 3 --retry-all-errors)
  answer=$(jq -n --arg query "$1" --argjson variables "$2" '{query: $query, variables: $variables}' |
    curl -sS -K <(authorization) "$gateway/graphql" -H 'Content-Type: application/json' "${key[@]}" --data-binary @-)
  jq -e 'if .errors then (.errors | map(.message) | join("\n") | halt_error) else .data end' <<<"$answer"
}

# report PAYLOAD: says how a change ended, and fails if it was not made as requested.
report() {
  jq -r '.[] | if .error then "\(.error.code): \(.error.message)\n" | halt_error
    elif .outcome == "NOTHING_CHANGED" then "nothing to do" else "done" end' <<<"$1"
}

OUTCOME='outcome error { code message }'

# find_in_connector QUERY VARIABLES: asks about the connector; the variables get its name.
find_in_connector() {
  ask "$1" "$(jq -n --arg connector "$connector" --argjson variables "$2" \
    '$variables + if $connector == "" then {} else {connector: $connector} end')"
}

change_licenses() {
  report "$(ask "mutation (\$input: UpdateUserLicensesInput!) { updateUserLicenses(input: \$input) { $OUTCOME } }" \
    "$(jq -n --arg user "$1" --arg new "$2" --arg old "${3:-}" \
      '{input: {id: $user, add: [{license: $new}], remove: [$old | select(. != "")]}}')")"
}

onboard() {
  local group created user
  created=$(ask "mutation (\$input: CreateUserInput!) { createUser(input: \$input) { $OUTCOME } }" \
    "$(jq -n --arg connector "$connector" --arg email "$1" --arg name "$2" --arg license "$3" \
      '{input: {connector: ($connector | select(. != "") // null),
        user: {emails: [$email], displayName: $name, licenses: {exactly: [$license]}}}}')" \
    "onboard-$(date +%s)-$RANDOM$RANDOM")
  if jq -e '.createUser.error.code == "EMAIL_TAKEN"' <<<"$created" >/dev/null; then
    # The user is there. The license may not be.
    user=$(find_in_connector 'query ($connector: String, $email: EmailAddress!) {
      connector(name: $connector) { user(email: $email) { id } } }' "$(jq -n --arg email "$1" '{email: $email}')" |
      jq -er .connector.user.id)
    change_licenses "$user" "$3"
  else
    report "$created"
  fi
  group=$(find_in_connector 'query ($connector: String, $name: String!) {
    connector(name: $connector) { group(displayName: $name) { id } } }' "$(jq -n --arg name "$4" '{name: $name}')" |
    jq -er .connector.group.id)
  report "$(ask "mutation (\$input: UpdateGroupMembersInput!) { updateGroupMembers(input: \$input) { $OUTCOME } }" \
    "$(jq -n --arg group "$group" --arg email "$1" '{input: {id: $group, add: [$email]}}')")"
}

move() {
  local after=null members
  while [ "$after" != none ]; do
    members=$(find_in_connector 'query ($connector: String, $name: String!, $after: String) {
      connector(name: $connector) { group(displayName: $name) { members(first: 500, after: $after) {
        nodes { id licenses { name } } pageInfo { hasNextPage endCursor } } } } }' \
      "$(jq -n --arg name "$1" --argjson after "$after" '{name: $name, after: $after}')" |
      jq -e '.connector.group.members')
    jq -r --arg old "$2" '.nodes[] | select(.licenses | map(.name) | index($old)) | .id' <<<"$members" |
      while read -r user; do change_licenses "$user" "$3" "$2"; done
    after=$(jq -r '.pageInfo | if .hasNextPage then (.endCursor | tojson) else "none" end' <<<"$members")
  done
}

offboard() {
  local user
  user=$(find_in_connector 'query ($connector: String, $email: EmailAddress!) {
    connector(name: $connector) { user(email: $email) { id } } }' "$(jq -n --arg email "$1" '{email: $email}')" |
    jq -r '.connector.user.id // empty')
  if [ -z "$user" ]; then
    echo "nothing to do: there is no $1"
  else
    report "$(ask "mutation (\$input: DeleteUserInput!) { deleteUser(input: \$input) { $OUTCOME } }" \
      "$(jq -n --arg user "$user" '{input: {id: $user}}')")"
  fi
}

case "${1:-}:$#" in
  onboard:5 | move:4 | offboard:2) "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
