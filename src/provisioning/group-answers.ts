import { z } from 'zod';
import type { Group } from '../datasources/webex/records.ts';
import type { Answers } from './answers.ts';

const date = z
  .string()
  .transform((text) => new Date(text))
  .optional();

const kept = z.object({
  id: z.string(),
  displayName: z.string(),
  description: z.string().optional(),
  memberCount: z.number(),
  created: date,
  lastModified: date,
});

/** Groups, as they were when they were answered; their members are read again. */
export const GROUP_ANSWERS: Answers<Group> = {
  write: (group) => group,
  read: (answer) => {
    const { description, created, lastModified, ...group } = kept.parse(answer);
    return { ...group, description, created, lastModified, members: undefined };
  },
};
