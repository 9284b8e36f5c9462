import { loadConfig } from '../config.ts';
import { StartError } from '../errors/start.ts';
import { rotateKeys } from '../store/rotation/rotate-keys.ts';
import { parseSecretKeys } from '../store/secrets/secrets.ts';

// npm run rotate-keys: seals all secrets with a new key while the gateway serves. See docs/key-rotation.md.

try {
  const { databaseUrl, dataDir, secretKeys } = loadConfig(process.env);
  const { isDone, lines } = await rotateKeys({
    databaseUrl,
    dataDir,
    secretKeys: secretKeys === undefined ? [] : parseSecretKeys(secretKeys),
  });
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!isDone) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
