import type { JsonObject } from '../objects/json.ts';

/** The mappings that a tenant has for an application like Webex, as its administrator's pages make them. */
export function webexMappings(): readonly JsonObject[] {
  return [
    {
      name: 'managedAlpha_user_systemWebexUser',
      displayName: 'managedAlpha_user_systemWebexUser',
      source: 'managed/alpha_user',
      target: 'system/Webex/User',
      optimizeAssignmentSync: true,
      runTargetPhase: false,
      queuedSync: { enabled: false, maxRetries: 0, pollingInterval: 10_000 },
      correlationQuery: [
        {
          linkQualifier: 'default',
          type: 'text/javascript',
          source: 'var map = { "_queryFilter": "mail eq \\"" + source.mail + "\\"" }; map;',
        },
      ],
      properties: [
        { source: 'mail', target: 'emails' },
        { source: 'givenName', target: 'firstName' },
        { source: 'sn', target: 'lastName' },
        {
          source: '',
          target: 'displayName',
          transform: { type: 'text/javascript', source: 'source.givenName + " " + source.sn' },
        },
        {
          source: 'accountStatus',
          target: 'loginEnabled',
          transform: { type: 'text/javascript', source: 'source === "active"' },
        },
      ],
      policies: [
        ['ABSENT', 'CREATE'],
        ['CONFIRMED', 'UPDATE'],
        ['UNQUALIFIED', 'DELETE'],
        ['TARGET_CHANGED', 'INCORPORATE_CHANGES'],
        ['FOUND', 'ASYNC'],
        ['SOURCE_MISSING', 'ASYNC'],
        ['UNASSIGNED', 'ASYNC'],
        ['AMBIGUOUS', 'ASYNC'],
      ].map(([situation = '', action = '']) => ({ situation, action })),
    },
  ];
}
