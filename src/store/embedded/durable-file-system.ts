import { fsyncSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { syncPath } from './data-folder.ts';

/** The part of Emscripten's NODEFS that is extended here; PGlite's own types leave it open. */
interface NodeFileOperations {
  stream_ops: { fsync?: (stream: OpenFile) => number };
  realPath(node: unknown): string;
  /** Undefined for a code that Emscripten does not know. */
  convertNodeCode(error: unknown): number | undefined;
}

interface OpenFile {
  readonly node: unknown;
  /** Descriptor of the real file; folders have none. */
  readonly nfd?: number;
}

/**
 * What PGlite is started with. Its default of 128 MB of shared buffers takes that memory from the first moment and a
 * tenth of a second to clear it; a bulk insert into 8 MB takes 3 % longer.
 */
export const START_PARAMS: readonly string[] = [...PGlite.defaultStartParams, '-c', 'shared_buffers=8MB'];

/**
 * What PGlite must be started with for PostgreSQL to sync what it has acknowledged: its defaults switch
 * that off. `fsync` is the one method whose call arrives at the file system (`fdatasync` does not).
 */
export const DURABLE_START_PARAMS: readonly string[] = [
  ...START_PARAMS.filter((parameter) => parameter !== '-F'),
  ...['-c', 'fsync=on', '-c', 'wal_sync_method=fsync', '-c', 'synchronous_commit=on'],
];

/** For failures that Emscripten knows no number of, such as EUCLEAN. */
const IO_ERROR = { code: 'EIO' };

type Init = NodeFS['init'];

/** A folder in which PostgreSQL's fsync reaches the disk; Emscripten's own drops it without a word. */
export class DurableFileSystem extends NodeFS {
  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const { emscriptenOpts } = await super.init(pg, options);
    const preRun: typeof emscriptenOpts.preRun = [
      ...(emscriptenOpts.preRun ?? []),
      (module) => {
        const files: NodeFileOperations = module.NODEFS;
        const { ErrnoError } = module.FS;
        files.stream_ops.fsync = (stream) => {
          try {
            if (stream.nfd === undefined) syncPath(files.realPath(stream.node));
            else fsyncSync(stream.nfd);
          } catch (error) {
            // Without a number PostgreSQL would take the failure for a success.
            throw new ErrnoError(files.convertNodeCode(error) ?? files.convertNodeCode(IO_ERROR));
          }
          return 0;
        };
      },
    ];
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}
