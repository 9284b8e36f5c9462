// Onboards a user, moves a team from one license to another, offboards a user: typed by schema.graphql.
//
//   GATEWAY=http://localhost:4000 node provision.ts onboard   EMAIL NAME LICENSE GROUP
//   GATEWAY=http://localhost:4000 node provision.ts move      GROUP OLD_LICENSE NEW_LICENSE
//   GATEWAY=http://localhost:4000 node provision.ts offboard  EMAIL
//
// GATEWAY_KEY holds an API key with the scope provision. Each may be run again: what is done already is found. A request whose answer is lost is sent again with its
// key, so that nothing is done twice.

import { randomUUID } from 'node:crypto';
import { ask, graphql } from './gateway.ts';

const CreateUser = graphql(`
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      __typename
      ... on NothingChanged { message }
      ... on Error { code message }
    }
  }
`);

const AddMember = graphql(`
  mutation AddMember($input: UpdateGroupMembersInput!) {
    updateGroupMembers(input: $input) {
      __typename
      ... on NothingChanged { message }
      ... on Error { code message }
    }
  }
`);

const ChangeLicenses = graphql(`
  mutation ChangeLicenses($input: UpdateUserLicensesInput!) {
    updateUserLicenses(input: $input) {
      __typename
      ... on NothingChanged { message }
      ... on Error { code message }
    }
  }
`);

const DeleteUser = graphql(`
  mutation DeleteUser($input: DeleteUserInput!) {
    deleteUser(input: $input) {
      __typename
      ... on NothingChanged { message }
      ... on Error { code message }
    }
  }
`);

const Connector = graphql(`query Connector { connector { id } }`);
const Group = graphql(`
  query Group($name: String!) { connector { group(displayName: $name) { id } } }
`);
const Team = graphql(`
  query Team($name: String!) {
    connector { group(displayName: $name) { members(first: 500) { nodes { id licenses { name } } } } }
  }
`);
const User = graphql(`
  query User($email: EmailAddress!) { connector { user(email: $email) { id } } }
`);

/** Says what came of a change. Throws where it was not made as asked for. */
function report(outcome: { __typename: string; code?: string; message?: string }): void {
  const isSo = outcome.__typename === 'NothingChanged' || outcome.code === 'EMAIL_TAKEN';
  if (outcome.code !== undefined && !isSo) throw new Error(`${outcome.code}: ${outcome.message}`);
  say(isSo ? `nothing to do: ${outcome.message}` : 'done');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function onboard(email: string, displayName: string, license: string, groupName: string) {
  const { connector } = await ask(Connector, {});
  const input = { connectorId: connector.id, emails: [email], displayName, licenses: [license] };
  report((await ask(CreateUser, { input }, randomUUID())).createUser);
  const { group } = (await ask(Group, { name: groupName })).connector;
  if (group === null) throw new Error(`there is no group ${groupName}`);
  report((await ask(AddMember, { input: { groupId: group.id, add: [email] } })).updateGroupMembers);
}

async function move(groupName: string, old: string, license: string) {
  const { group } = (await ask(Team, { name: groupName })).connector;
  for (const user of group?.members.nodes ?? []) {
    if (!user.licenses.some(({ name }) => name === old)) continue;
    const input = { userId: user.id, add: [{ license }], remove: [old] };
    report((await ask(ChangeLicenses, { input })).updateUserLicenses);
  }
}

async function offboard(email: string) {
  const { user } = (await ask(User, { email })).connector;
  if (user === null) say(`nothing to do: there is no ${email}`);
  else report((await ask(DeleteUser, { input: { id: user.id } })).deleteUser);
}

const [command, ...values] = process.argv.slice(2);
const [one = '', two = '', three = '', four = ''] = values;
if (command === 'onboard' && values.length === 4) await onboard(one, two, three, four);
else if (command === 'move' && values.length === 3) await move(one, two, three);
else if (command === 'offboard' && values.length === 1) await offboard(one);
else {
  say('provision.ts onboard EMAIL NAME LICENSE GROUP | move GROUP OLD_LICENSE NEW_LICENSE | offboard EMAIL');
  process.exitCode = 2;
}
