import { chmodSync, statSync } from 'node:fs';
import { StoreUnavailable } from '../../errors/start.ts';

/** The sticky bit: of folders that everybody writes to, such as /tmp. */
const SHARED = 0o1000;
const OF_OTHERS = 0o077;

/**
 * Takes the permissions of a file or folder away from all users but its owner.
 * @param path of a file or folder that exists
 * @param isOurs whether it serves nothing but the gateway, so that nobody else loses access
 * Throws StoreUnavailable if others can use it and that cannot be changed.
 */
export function keepPrivate(path: string, isOurs = () => true): void {
  // Windows has no such modes.
  if (process.platform === 'win32') return;
  const { mode } = statSync(path);
  if ((mode & OF_OTHERS) === 0) return;
  const found = `${path} holds secrets, but other users of this machine can use it (mode ${(mode & 0o1777).toString(8)})`;
  if ((mode & SHARED) !== 0) {
    throw new StoreUnavailable(`${found}: it is a shared folder. Set DATA_DIR to a folder of its own in it.`);
  }
  try {
    if (isOurs()) chmodSync(path, mode & 0o700);
    else throw new Error("it holds files that are not the gateway's");
  } catch (error) {
    throw new StoreUnavailable(
      `${found}, and the gateway may not change that: ${String(error)}. Run chmod go= on it as its owner, or set DATA_DIR to a new folder in it, which the gateway makes for itself.`,
      { cause: error },
    );
  }
}
