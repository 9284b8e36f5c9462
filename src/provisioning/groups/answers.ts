import { z } from 'zod';
import type { Group } from '../../datasources/webex/records.ts';
import type { Answers } from '../changes/answers.ts';

const date = z
  .string()
  .transform((text) => new Date(text))
  .optional();

const kept = z.object({
  id: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  memberCount: z.number().optional(),
  created: date,
  lastModified: date,
});

/** Groups, as they were when they were answered; their members are read again. */
export const GROUP_ANSWERS: Answers<Group> = {
  write: (group) => group,
  read: (answer) => {
    const { id, displayName, memberCount, description, created, lastModified } = kept.parse(answer);
    return { id, displayName, memberCount, description, created, lastModified, members: undefined };
  },
};
