import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings, ROUTES } from '../../src/sandbox/index.ts';

const page = readFileSync(new URL('../../docs/sandbox.md', import.meta.url), 'utf8');

/** A default as the tables show it. */
function shown(value: unknown): string {
  if (value === Number.POSITIVE_INFINITY) return 'unlimited';
  return typeof value === 'number' ? value.toLocaleString('en') : String(value);
}

describe('the page about the sandbox', () => {
  it.each(Object.entries(defaultSettings))('has the setting %s with its default', (name, value) => {
    expect(page).toContain(`| \`${name}\` | ${shown(value)} |`);
  });

  it.each(ROUTES)('has the route %s', (route) => {
    expect(page).toContain(`\`${route}\``);
  });
});
