// Runs before anything else, in plain JavaScript, because an older Node cannot even read the rest.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `This needs Node 24 or newer, but runs on ${process.versions.node}. On Linux (x64, arm64) npm installs the right one: ` +
      'start it with npm run. Elsewhere install Node 24 from https://nodejs.org.\n',
  );
  process.exit(1);
}
