import { base, en, Faker } from '@faker-js/faker';
import type { PostalAddress } from '../state/records.ts';

/** An office: a calling location with its time zone and address. */
export interface Office {
  readonly name: string;
  readonly timezone: string;
  readonly address: PostalAddress;
  readonly dialPrefix: string;
}

export const DEPARTMENTS = [
  'Engineering',
  'Sales',
  'Customer Success',
  'Marketing',
  'Finance',
  'Human Resources',
  'Operations',
  'Legal',
] as const;

export const OFFICES: readonly Office[] = [
  office('San Jose', 'America/Los_Angeles', 'US', 'California', '95134', '170 Orchard Parkway', '+1408'),
  office('Austin', 'America/Chicago', 'US', 'Texas', '78701', '500 Congress Avenue', '+1512'),
  office('London', 'Europe/London', 'GB', 'England', 'EC2N 4AG', '22 Bishopsgate', '+44207'),
  office('Singapore', 'Asia/Singapore', 'SG', 'Singapore', '018982', '8 Marina Boulevard', '+656'),
];

/** Names and titles to pick from: drawing them once keeps a large organization quick to make. */
export interface Pools {
  readonly firstNames: readonly string[];
  readonly lastNames: readonly string[];
  readonly titles: readonly string[];
  readonly projects: readonly string[];
}

/** Pools for a seed. */
export function makePools(seed: number): Pools {
  const faker = new Faker({ locale: [en, base], seed });
  const draw = (count: number, one: () => string) => [...new Set(Array.from({ length: count }, one))];
  return {
    firstNames: draw(400, () => faker.person.firstName()),
    lastNames: draw(700, () => faker.person.lastName()),
    titles: draw(60, () => faker.person.jobTitle()),
    projects: draw(400, () => `${capital(faker.word.adjective())} ${capital(faker.animal.type())}`),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function office(
  name: string,
  timezone: string,
  country: string,
  region: string,
  postalCode: string,
  streetAddress: string,
  dialPrefix: string,
): Office {
  return {
    name,
    timezone,
    dialPrefix,
    address: { type: 'work', country, locality: name, region, streetAddress, postalCode },
  };
}
