import type { Question } from '../question.ts';
import { backgroundExport } from './background-export.ts';
import { connectionBurst } from './connection-burst.ts';
import { embeddedDatabase } from './embedded-database.ts';
import { exportMemory } from './export-memory.ts';
import { exportOfUsers } from './export-users.ts';
import { groupMembers } from './group-members.ts';
import { hostileDocuments } from './hostile-documents.ts';
import { limitedUpdates } from './limited-updates.ts';
import { oneUser } from './one-user.ts';
import { rateLimit } from './rate-limit.ts';
import { trivialQueries } from './requests-per-second.ts';
import { saturation } from './saturation.ts';
import { singleLoads } from './single-loads.ts';
import { smallQueries } from './small-queries.ts';
import { startUp } from './start-up.ts';
import { syncPlan } from './sync-plan.ts';
import { updateUsers } from './update-users.ts';
import { usersWithLicenses } from './users-with-licenses.ts';

/** All questions, in the order in which they are asked. */
export const questions: readonly Question[] = [
  ...[
    usersWithLicenses,
    groupMembers,
    oneUser,
    exportOfUsers,
    smallQueries,
    trivialQueries,
    hostileDocuments,
    connectionBurst,
  ],
  ...[
    startUp,
    embeddedDatabase,
    exportMemory,
    saturation,
    singleLoads,
    updateUsers,
    backgroundExport,
    rateLimit,
    limitedUpdates,
    syncPlan,
  ],
];
