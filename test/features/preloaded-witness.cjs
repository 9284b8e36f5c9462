// For the processes of tests, with --require, in each of their threads: says on standard output which file was synced to
// disk, once it is. With DIES_WHEN a thread beside the main one ends instead, if there is a file of that name;
// with FAILS_WITH as well, syncing fails there with that code.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { isMainThread } = require('node:worker_threads');

const { DIES_WHEN, FAILS_WITH } = process.env;
const original = fs.fsyncSync;

fs.fsyncSync = (descriptor) => {
  if (!isMainThread && DIES_WHEN !== undefined && fs.existsSync(DIES_WHEN)) {
    if (FAILS_WITH === undefined) process.exit(3);
    throw Object.assign(new Error('the disk fails'), { code: FAILS_WITH });
  }
  original(descriptor);
  say(`synced ${fs.fstatSync(descriptor).ino}\n`);
};
syncBuiltinESMExports();

/** A full pipe takes nothing for a moment. */
function say(text) {
  for (;;) {
    try {
      fs.writeSync(1, text);
      return;
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
