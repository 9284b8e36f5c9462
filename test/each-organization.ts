import { expect } from 'vitest';
import { startWorld, type World, type WorldOptions } from './world.ts';

/** Whose organization a connector is for, in the words of a test's title. */
export const ORGANIZATIONS = [
  'the account’s own organization',
  'an organization that a partner manages',
] as const;

type WhoseOrganization = (typeof ORGANIZATIONS)[number];

/**
 * Worlds for tests of changes that have to come out the same through a connector to the account's own organization
 * and through a partner's, which names the organization to Webex. One of each for a file, made when it is wanted.
 */
export class EachOrganization {
  readonly #options: WorldOptions;
  readonly #worlds = new Map<WhoseOrganization, Promise<World>>();
  #partnerBefore: object | undefined;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  world(whose: WhoseOrganization): Promise<World> {
    const known = this.#worlds.get(whose) ?? this.#start(whose);
    this.#worlds.set(whose, known);
    return known;
  }

  /** Ends the worlds. Fails where a change has reached the organization of the partner itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    const worlds = await Promise.all(this.#worlds.values());
    const partner = await this.#worlds.get(ORGANIZATIONS[1]);
    const after = partner === undefined ? undefined : stateOf(partner);
    await Promise.all(worlds.map((world) => world[Symbol.asyncDispose]()));
    expect(after, 'The partner’s own organization stays as it was.').toEqual(this.#partnerBefore);
  }

  async #start(whose: WhoseOrganization): Promise<World> {
    const isPartner = whose === ORGANIZATIONS[1];
    const world = await startWorld({ ...this.#options, partner: isPartner });
    if (isPartner) this.#partnerBefore = stateOf(world);
    return world;
  }
}

function stateOf({ webex: { partner } }: World): object {
  const { people, groups, licenses } = partner;
  return { people, groups, licenses };
}
