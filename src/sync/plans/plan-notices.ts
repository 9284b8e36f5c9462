import type { Notices } from '../../store/notices.ts';

/** Topic of the notices that a plan has changed. */
const PLAN_TOPIC = 'sync plan';

/** Tells subscribers that a plan has changed. Never throws: they look by themselves as well. */
export async function publishPlan(notices: Notices, id: string): Promise<void> {
  await notices.publish(PLAN_TOPIC, { id }).catch(() => undefined);
}
