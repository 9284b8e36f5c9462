// Runs before anything else, in plain JavaScript, because an older Node cannot even read the rest.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `This needs Node 24 or newer, but runs on ${process.versions.node}. On Linux (x64, arm64) npm installs the right one: ` +
      'start it with npm run. Elsewhere install Node 24 from https://nodejs.org.\n',
  );
  process.exit(1);
}

// What was compiled once is kept, for the next start to be quicker: beside the packages, where only those write who
// could change the code itself. Where nothing can be written, Node goes on without.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
enableCompileCache(join(__dirname, '../node_modules/.cache/node-compile'));
