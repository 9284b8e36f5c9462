/** An integration as registered at Webex. */
export interface Integration {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Compared exactly, as Webex does. */
  readonly redirectUris: readonly string[];
  /** What may be asked for; `*` is anything. */
  readonly scopes: readonly string[] | '*';
  /** What the authorize page calls it; default: the client id. */
  readonly name?: string;
}

/** The integration that is there unless others are given. */
export const defaultIntegration: Integration = {
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
  redirectUris: ['http://localhost:4000/oauth/callback'],
  scopes: '*',
  name: 'Sandbox integration',
};

/** Whether an integration may ask for all of these scopes. */
export function mayAskFor(integration: Integration, scopes: readonly string[]): boolean {
  const { scopes: registered } = integration;
  return registered === '*' || scopes.every((scope) => registered.includes(scope));
}
