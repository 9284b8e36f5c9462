import { z } from 'zod';
import { Person } from '../../datasources/webex/people/person.ts';
import type { Answers } from '../changes/answers.ts';

const kept = z.object({
  wire: z.record(z.string(), z.unknown()),
  parts: z.object({ basic: z.boolean(), admin: z.boolean(), presence: z.boolean(), calling: z.boolean() }),
});

/** People, as they were when they were answered. */
export const PERSON_ANSWERS: Answers<Person> = {
  write: (person) => {
    if (!(person instanceof Person)) throw new TypeError('Only people are kept as people.');
    return { wire: person.wire, parts: person.parts };
  },
  read: (answer) => {
    const { wire, parts } = kept.parse(answer);
    return Person.read(wire, parts, { method: 'GET', path: '/people' });
  },
};
