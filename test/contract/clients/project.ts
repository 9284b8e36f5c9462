import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODULES = resolve(import.meta.dirname, '../../../node_modules');

/** As strict as TypeScript gets, and as bundlers of front ends resolve modules. */
const COMPILER_OPTIONS = {
  target: 'es2024',
  module: 'esnext',
  moduleResolution: 'bundler',
  lib: ['es2024'],
  types: [],
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

/** A folder with the code of a front end, and this project's packages. */
export interface FrontEnd {
  readonly folder: string;
  write(file: string, text: string): void;
  /** Runs a program of the packages in the folder. Throws what it printed if it fails. */
  run(program: string, ...args: string[]): Promise<string>;
  /** What the TypeScript compiler finds wrong, a line each. */
  compile(): Promise<string[]>;
  [Symbol.dispose](): void;
}

/** Makes an empty front end. Disposing of it removes the folder. */
export function newFrontEnd(): FrontEnd {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-front-end-'));
  symlinkSync(MODULES, join(folder, 'node_modules'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['src'] }));
  return {
    folder,
    write,
    run: async (program, ...args) => {
      const file = join(MODULES, '.bin', program);
      const { stdout } = await run(file, args, { cwd: folder }).catch((error) => {
        throw new Error(`${program} failed:\n${error.stdout}\n${error.stderr}`);
      });
      return stdout;
    },
    compile: async () => {
      const { stdout } = await run(join(MODULES, '.bin/tsc'), ['-p', '.'], { cwd: folder }).catch(
        (error) => error,
      );
      return String(stdout).split('\n').filter(Boolean);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
