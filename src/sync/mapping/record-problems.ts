import type { Json, RecordProblem } from '../../store/sync/words.ts';
import type { JsonObject } from '../words.ts';
import { ExpressionFailed } from './cel-values.ts';
import { type CompiledRule, RuleFailed } from './rules.ts';

/** Collects what is wrong with one record. */
export class RecordProblems {
  readonly found: RecordProblem[] = [];

  add(field: string, code: string, message: string): void {
    this.found.push({ field, code, message });
  }

  /** Whether a field, or an entry of it, has a problem. */
  concerns(field: string): boolean {
    return this.found.some((problem) => problem.field === field || problem.field.startsWith(`${field}[`));
  }

  /** Does something that may throw RuleFailed or ExpressionFailed; undefined, with a problem, if it does. */
  attempt<T>(field: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof RuleFailed) this.add(field, error.code, error.message);
      else if (error instanceof ExpressionFailed)
        this.add(
          field,
          'EXPRESSION_FAILED',
          `has an expression that fails for this record: ${error.message}.`,
        );
      else throw error;
      return undefined;
    }
  }

  /** The value of a rule; undefined, with a problem, if it fails. */
  evaluate(field: string, rule: CompiledRule | undefined, record: JsonObject): Json | undefined {
    return rule === undefined ? undefined : this.attempt(field, () => rule(record));
  }

  /** Whether a condition holds; undefined, with a problem, if it is neither true nor false. */
  decide(field: string, condition: CompiledRule, record: JsonObject): boolean | undefined {
    return this.attempt(field, () => {
      const value = condition(record);
      if (typeof value === 'boolean') return value;
      throw new RuleFailed('EXPRESSION_FAILED', 'has a condition that is neither true nor false.');
    });
  }
}
