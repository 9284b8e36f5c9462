import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { startIdentityCloud } from '../../src/sandbox/identity-cloud/index.ts';
import { people } from '../identity-cloud.ts';

// Its modules for `import` ask for `require`, so only this way works.
const { frodo }: typeof import('@rockcarver/frodo-lib') = createRequire(import.meta.url)(
  '@rockcarver/frodo-lib',
);

const ID = '7d3b3c1e-0a66-4f3c-9f39-0f6d1e9f9f11';
const NEW = { userName: 'new', givenName: 'New', sn: 'Person', mail: 'new@acme.example' };

describe('frodo, a client of Identity Cloud that others have made', () => {
  it.each([
    {},
    { pageSizeCeiling: 300, unsupportedScopes: ['fr:am:*'] },
  ])('logs in, walks 2,500 users, writes, and starts a reconciliation in a simulated tenant with %j', async (settings) => {
    await using tenant = await startIdentityCloud({ identities: people(2_500), settings });
    const client = frodo.createInstance({
      host: `${tenant.url}/am`,
      realm: 'alpha',
      deploymentType: 'cloud',
      serviceAccountId: tenant.serviceAccount.id,
      serviceAccountJwk: JSON.parse(JSON.stringify(tenant.serviceAccount.privateKey)),
      useTokenCache: false,
    });
    await client.login.getTokens(false, false);
    const { managed, recon } = client.idm;

    const users = await managed.readManagedObjects('alpha_user', ['mail']);
    expect(users).toHaveLength(2_500);
    expect(new Set(users.map(({ _id }) => _id)).size).toBe(2_500);

    const created = await managed.createManagedObject('alpha_user', NEW, ID);
    expect(created._id).toBe(ID);
    const again = managed.createManagedObject('alpha_user', { ...NEW, userName: 'other' }, ID);
    await expect(again).rejects.toMatchObject({ response: { status: 412 } });
    const patch = (value: string, revision: unknown) =>
      managed.updateManagedObjectProperties(
        'alpha_user',
        ID,
        [{ operation: 'replace', field: '/sn', value }],
        String(revision),
      );
    expect(await patch('Other', created._rev)).toMatchObject({ sn: 'Other' });
    await expect(patch('Third', created._rev)).rejects.toMatchObject({ response: { status: 412 } });
    await managed.deleteManagedObject('alpha_user', ID);
    await expect(managed.readManagedObject('alpha_user', ID, ['*'])).rejects.toMatchObject({
      response: { status: 404 },
    });
    expect(await recon.startRecon('managedAlpha_user_systemWebexUser')).toMatchObject({ state: 'ACTIVE' });
  });
});
