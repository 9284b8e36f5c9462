import { GatewayError } from './gateway-error.ts';

/** A plan or a preview ends because its mapping does not work for its source or its organization. */
export class MappingFailed extends GatewayError {
  readonly code:
    | 'COLUMN_MISSING'
    | 'EXPRESSION_TOO_SLOW'
    | 'MAPPING_NOT_STARTED'
    | 'UNKNOWN_NAME'
    | 'AMBIGUOUS';
  constructor(code: MappingFailed['code'], sentence: string) {
    super(sentence);
    this.code = code;
  }

  /** Columns that a mapping names and a file does not have. */
  static ofMissingColumns(missing: readonly string[], columns: readonly string[]): MappingFailed {
    const shown = missing.slice(0, 10).map((name) => JSON.stringify(name));
    const others = missing.length > 10 ? ` and ${missing.length - 10} others` : '';
    const known = columns.slice(0, 50).map((name) => JSON.stringify(name));
    return new MappingFailed(
      'COLUMN_MISSING',
      `line 1: the mapping names columns that the file does not have: ${shown.join(', ')}${others}. The file has ${known.join(', ')}. Fix the mapping or the file.`,
    );
  }

  /** @param at where the record is that used up the time or the memory, as `line 17` */
  static ofExpression(at: string): MappingFailed {
    return new MappingFailed(
      'EXPRESSION_TOO_SLOW',
      `${at}: an expression of the mapping takes too much time or memory for this record. Make it simpler, or leave the record out of the source.`,
    );
  }

  /** The process that maps records did not start. */
  static ofStart(): MappingFailed {
    return new MappingFailed(
      'MAPPING_NOT_STARTED',
      'The process that maps records could not be started. Try again, and ask the operator if it happens again.',
    );
  }
}
