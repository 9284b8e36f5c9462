// For the processes of tests, with --require, in each of their threads: says on standard output which file was synced to
// disk, once it is. With DIES_WHEN a thread beside the main one ends instead, if there is a file of that name.
const fs = require('node:fs');
const { syncBuiltinESMExports } = require('node:module');
const { isMainThread } = require('node:worker_threads');

const { DIES_WHEN } = process.env;
const original = fs.fsyncSync;

fs.fsyncSync = (descriptor) => {
  if (!isMainThread && DIES_WHEN !== undefined && fs.existsSync(DIES_WHEN)) process.exit(3);
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
