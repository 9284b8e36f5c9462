import type { z } from 'zod';
import { Refusal } from './errors.ts';

/** Reads a JSON body by its schema; what does not fit is a 400 that names the field. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new Refusal(
    400,
    field === '' ? 'The request body is not valid.' : `The field ${field} is not valid.`,
  );
}
