import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { defaultIntegration, type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/index.ts';

const HELP = `A simulated Webex: stateful, with generated data, over HTTP.

  npm run sandbox -- [options]

  --port <number>     port to listen on (default: 4001)
  --host <address>    address to listen on (default: 127.0.0.1)
  --users <number>    people in the organization (default: 250)
  --seed <number>     the same seed gives the same data (default: 1)
  --partner <number>  people in a second organization that manages the first as a partner (default: none)
  --latency <ms>      duration of every API request (default: 0)
  --rate <number>     requests a second for one token (default: unlimited)
  --burst <number>    requests that one token may send at once (default: 100)
  --token <text>      accepted as an administrator's access token with every scope
  --redirect <uri>    redirect URI of the integration; may be repeated (${defaultIntegration.redirectUris[0]})
  --rotate            a refresh returns a new refresh token, and the old one becomes invalid
  --strict-refresh    with --rotate: using an old refresh token revokes the grant
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
  process.stdout.write(`A simulated Webex with ${options.users} people listens on ${sandbox.url}

  Service URI             ${sandbox.serviceUri}
  Authorization endpoint  ${sandbox.authorizeUrl}
  Token endpoint          ${sandbox.tokenUrl}
  Client id, secret       ${defaultIntegration.clientId}, ${defaultIntegration.clientSecret}
  Redirect URI            ${(options.integrations?.[0] ?? defaultIntegration).redirectUris.join(' ')}
  Organization id         ${sandbox.org.id}
  Administrator           ${sandbox.adminEmail}
${options.partner === undefined ? '' : partnerLines(sandbox)}
  curl -H 'Authorization: Bearer ${token}' '${sandbox.serviceUri}/people?max=3'

Press Ctrl-C to stop.
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
