import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { defaultIntegration, type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/index.ts';

const HELP = `A local Webex: stateful, seeded, over HTTP.

  npm run sandbox -- [options]

  --port <number>     where to listen (4001)
  --host <address>    at which address (127.0.0.1)
  --users <number>    people in the organization (250)
  --seed <number>     all data derive from it (1)
  --partner <number>  people in a second organization, which manages the first as a partner (none)
  --latency <ms>      what every API request takes (0)
  --rate <number>     requests a second that one token may make (unlimited)
  --burst <number>    requests that one token may make at once (100)
  --token <text>      taken as an administrator's access token with every scope
  --redirect <uri>    redirect URI of the integration; may be repeated (${defaultIntegration.redirectUris[0]})
  --rotate            a refresh hands out a new refresh token and spends the old one
  --strict-refresh    with --rotate: using a spent refresh token revokes the grant
  --rfc-errors        token errors in the standard's shape instead of Webex's
  --help              this text
`;

/** Where the help says 4001, so that the gateway's 4000 stays free. */
const PORT = 4001;

class Misuse extends Error {}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        users: { type: 'string' },
        seed: { type: 'string' },
        partner: { type: 'string' },
        latency: { type: 'string' },
        rate: { type: 'string' },
        burst: { type: 'string' },
        token: { type: 'string' },
        redirect: { type: 'string', multiple: true },
        rotate: { type: 'boolean' },
        'strict-refresh': { type: 'boolean' },
        'rfc-errors': { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'The arguments are not valid';
    throw new Misuse(`${reason.replace(/\.$/, '')}. Try --help.`);
  }
}

function readNumber(
  flag: string,
  text: string | undefined,
  standard: number,
  low: number,
  high: number,
): number {
  if (text === undefined) return standard;
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= low && number <= high) return number;
  throw new Misuse(`--${flag} takes a whole number from ${low} to ${high}, not "${text}".`);
}

function readOptions(flags: ReturnType<typeof readArguments>): SandboxOptions {
  const { redirect, token, host, partner } = flags;
  for (const uri of redirect ?? []) {
    if (!URL.canParse(uri)) throw new Misuse(`--redirect takes an address, not "${uri}".`);
  }
  const most = Number.MAX_SAFE_INTEGER;
  return {
    port: readNumber('port', flags.port, PORT, 0, 65_535),
    users: readNumber('users', flags.users, 250, 1, 1_000_000),
    seed: readNumber('seed', flags.seed, 1, 0, 4_294_967_295),
    ...(partner !== undefined && { partner: { users: readNumber('partner', partner, 25, 1, 1_000_000) } }),
    ...(host !== undefined && { host }),
    ...(token !== undefined && { token }),
    ...(redirect !== undefined && { integrations: [{ ...defaultIntegration, redirectUris: redirect }] }),
    settings: {
      latencyMs: readNumber('latency', flags.latency, 0, 0, 600_000),
      rateLimitPerSecond: readNumber('rate', flags.rate, Number.POSITIVE_INFINITY, 1, most),
      rateLimitBurst: readNumber('burst', flags.burst, 100, 1, most),
      rotateRefreshTokens: flags.rotate ?? false,
      reuseRevokesGrant: flags['strict-refresh'] ?? false,
      tokenErrorShape: flags['rfc-errors'] === true ? 'rfc' : 'webex',
    },
  };
}

function partnerLines({ partner }: Sandbox): string {
  return `  Partner's organization  ${partner.org.id}
  Partner's administrator ${partner.adminEmail}
`;
}

async function run(args: string[]): Promise<void> {
  const flags = readArguments(args);
  if (flags.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const options = readOptions(flags);
  await using sandbox = await startSandbox(options);
  const token = options.token ?? sandbox.issueToken();
  process.stdout.write(`A local Webex of ${options.users} people listens at ${sandbox.url}

  Service URI             ${sandbox.serviceUri}
  Authorization endpoint  ${sandbox.authorizeUrl}
  Token endpoint          ${sandbox.tokenUrl}
  Client id, secret       ${defaultIntegration.clientId}, ${defaultIntegration.clientSecret}
  Redirect URI            ${(options.integrations?.[0] ?? defaultIntegration).redirectUris.join(' ')}
  Organization id         ${sandbox.org.id}
  Administrator           ${sandbox.adminEmail}
${options.partner === undefined ? '' : partnerLines(sandbox)}
  curl -H 'Authorization: Bearer ${token}' '${sandbox.serviceUri}/people?max=3'

Ctrl-C ends it.
`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  if (!(error instanceof Misuse) && !isTaken) throw error;
  const sentence = isTaken ? 'The port is taken: choose another with --port.' : error.message;
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
