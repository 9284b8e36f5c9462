// Onboards a user, moves a team from one license to another, offboards a user: typed by schema.graphql.
//
//   GATEWAY=http://localhost:4000 node provision.ts onboard   EMAIL NAME LICENSE GROUP
//   GATEWAY=http://localhost:4000 node provision.ts move      GROUP OLD_LICENSE NEW_LICENSE
//   GATEWAY=http://localhost:4000 node provision.ts offboard  EMAIL
//
// GATEWAY_KEY holds an API key with the scope provision. CONNECTOR names the connector; not needed if there is only one.
// Each command can be run again: it changes what is still missing, and says so if there is nothing to do.

import { randomUUID } from 'node:crypto';
import type { ResultOf } from 'gql.tada';
import { ask, graphql } from './gateway.ts';

const CreateUser = graphql(`
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      outcome
      error { code message retryable }
    }
  }
`);

const AddMember = graphql(`
  mutation AddMember($input: UpdateGroupMembersInput!) {
    updateGroupMembers(input: $input) {
      outcome
      error { code message retryable }
    }
  }
`);

const ChangeLicenses = graphql(`
  mutation ChangeLicenses($input: UpdateUserLicensesInput!) {
    updateUserLicenses(input: $input) {
      outcome
      error { code message retryable }
    }
  }
`);

const DeleteUser = graphql(`
  mutation DeleteUser($input: DeleteUserInput!) {
    deleteUser(input: $input) {
      outcome
      error { code message retryable }
    }
  }
`);

const Group = graphql(`
  query Group($connector: String, $name: String!) {
    connector(name: $connector) { group(displayName: $name) { id } }
  }
`);
const Team = graphql(`
  query Team($connector: String, $name: String!, $after: String) {
    connector(name: $connector) {
      group(displayName: $name) {
        members(first: 500, after: $after) {
          nodes { id licenses { name } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);
const User = graphql(`
  query User($connector: String, $email: EmailAddress!) {
    connector(name: $connector) { user(email: $email) { id } }
  }
`);

/** The connector's name; null for the only one. */
const connector = process.env.CONNECTOR ?? null;

/** The part of every change's payload that tells how it ended. */
type Payload = { outcome: string; error: { code: string; message: string } | null } | null;

/** Says how a change ended. Throws if it was not made as requested. */
function report(payload: Payload): void {
  const { outcome, error } = payload ?? {};
  if (error !== null) throw new Error(`${error?.code}: ${error?.message}`);
  say(outcome === 'NOTHING_CHANGED' ? 'nothing to do' : 'done');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function findUser(email: string): Promise<string | undefined> {
  return (await ask(User, { connector, email })).connector.user?.id;
}

async function changeLicenses(userId: string, license: string, remove: string[]): Promise<void> {
  const input = { id: userId, add: [{ license }], remove };
  report((await ask(ChangeLicenses, { input })).updateUserLicenses);
}

async function onboard(email: string, displayName: string, license: string, groupName: string) {
  const user = { emails: [email], displayName, licenses: { exactly: [license] } };
  const input = { connector, user };
  const { createUser } = await ask(CreateUser, { input }, randomUUID());
  const taken = createUser?.error?.code === 'EMAIL_TAKEN' ? await findUser(email) : undefined;
  // A user who is there may lack the license.
  if (taken === undefined) report(createUser);
  else await changeLicenses(taken, license, []);
  const { group } = (await ask(Group, { connector, name: groupName })).connector;
  if (group === null) throw new Error(`there is no group ${groupName}`);
  report((await ask(AddMember, { input: { id: group.id, add: [email] } })).updateGroupMembers);
}

async function move(groupName: string, old: string, license: string) {
  for (let after: string | null = null; ; ) {
    const team: ResultOf<typeof Team> = await ask(Team, { connector, name: groupName, after });
    const { group } = team.connector;
    if (group === null) throw new Error(`there is no group ${groupName}`);
    for (const user of group.members.nodes) {
      if (user.licenses.some(({ name }) => name === old)) await changeLicenses(user.id, license, [old]);
    }
    const { hasNextPage, endCursor } = group.members.pageInfo;
    if (!hasNextPage) return;
    after = endCursor;
  }
}

async function offboard(email: string) {
  const id = await findUser(email);
  if (id === undefined) say(`nothing to do: there is no ${email}`);
  else report((await ask(DeleteUser, { input: { id } })).deleteUser);
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
