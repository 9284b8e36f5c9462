import { InvalidConfiguration } from '../../errors/start.ts';

/** A location in the connectors file, like `connectors[0].clientId`; the file as a whole to begin with. */
export class FileLocation {
  readonly file: string;
  readonly path: string;

  constructor(file: string, path = '') {
    this.file = file;
    this.path = path;
  }

  /** What stands here under a key, or at a position of a list. */
  at(key: string | number): FileLocation {
    if (typeof key === 'number') return new FileLocation(this.file, `${this.path}[${key}]`);
    return new FileLocation(this.file, this.path === '' ? key : `${this.path}.${key}`);
  }

  /** Says what is wrong here, in a sentence that names file and path and never holds a value from a reference. */
  wrong(sentence: string): InvalidConfiguration {
    const where = this.path === '' ? this.file : `${this.file}, ${this.path}`;
    return new InvalidConfiguration('CONNECTORS_FILE', `${where}: ${sentence}`);
  }
}
