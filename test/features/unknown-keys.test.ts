import { expect, it } from 'vitest';
import { SecretKeyMismatch } from '../../src/errors/start.ts';
import { rotateKeys } from '../../src/store/rotation/rotate-keys.ts';
import { generateSecretKey, type SecretKey } from '../../src/store/secrets/secrets.ts';
import { openStore } from '../../src/store/store.ts';
import { freshDatabase } from '../databases.ts';
import { startWorld, type World } from '../world.ts';

const SERVER = process.env.TEST_DATABASE_URL;

async function ready(world: World): Promise<{ readonly status: number; readonly reason?: string }> {
  const response = await world.gateway.fetch(new Request('http://gateway.test/ready'));
  return { ...JSON.parse(await response.text()), status: response.status };
}

it.runIf(SERVER)(
  'a gateway whose first key no other has heard of does not start beside them, and changes nothing',
  async () => {
    await using database = await freshDatabase();
    const [right, foreign] = [generateSecretKey('right'), generateSecretKey('foreign')];
    const knowing = (...secretKeys: SecretKey[]) => openStore({ ...database.options, secretKeys });
    await using _ = await knowing(right);
    const starting = knowing(foreign, right);
    await expect(starting).rejects.toThrow(SecretKeyMismatch);
    await expect(starting).rejects.toThrow(
      /^The first key of SECRET_KEYS, "foreign", is new to this database, which is sealed with "right"/,
    );
    // Not even its name was noted: it may be introduced as the documentation says, or another key under its name.
    await (await knowing(right, generateSecretKey('foreign'))).close();
  },
);

it.runIf(SERVER)(
  'a gateway that lacks the key of what others have stored says so in the error and at /ready, until nothing needs it',
  async () => {
    await using database = await freshDatabase();
    const [old, next] = [generateSecretKey('old'), generateSecretKey('next')];
    const knowing = (...secretKeys: SecretKey[]) => ({ ...database.options, secretKeys });
    await using behind = await openStore(knowing(old));
    await using world = await startWorld({ store: behind });
    await (await openStore(knowing(old, next))).close();
    const ahead = await openStore(knowing(next, old));
    const other = await world.restart({ store: ahead });
    const query = '{ connector(name: "acme") { roles { name } } }';
    expect(await ready(world)).toMatchObject({ status: 200 });
    // Its new tokens are sealed with the new key.
    world.webex.expireAccessTokens();
    expect((await other.query(query)).errors).toBeUndefined();

    await expect
      .poll(async () => (await world.query(query)).errors?.[0]?.extensions.code)
      .toBe('SECRET_UNREADABLE');
    expect(await ready(world)).toEqual({
      status: 503,
      reason: expect.stringContaining('sealed with a key that this gateway does not have'),
    });
    expect(world.log.join('')).toContain('sealed with the key \\"next\\"');
    expect(await ready(other)).toMatchObject({ status: 200 });

    await other.gateway.close();
    await ahead.close();
    expect(await rotateKeys(knowing(old, next), 0)).toMatchObject({ isDone: true });
    expect((await world.query(query)).errors).toBeUndefined();
    expect(await ready(world)).toMatchObject({ status: 200 });
  },
);
