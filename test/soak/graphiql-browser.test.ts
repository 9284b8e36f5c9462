import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readExampleQueries } from '../../src/routes/pages/graphiql/example-queries.ts';
import { startChromium, startWorldOnPort } from '../browser.ts';

const SECRET = 'a-client-secret-of-a-tester';
const CREATE = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { connector { id } error { message } }
}`;

let chromium: Browser | undefined;
beforeAll(async () => {
  chromium = await startChromium();
  if (chromium === undefined) process.stdout.write('left out: there is no Chromium on this machine\n');
});
afterAll(() => chromium?.close());

/** A new tab with a session of its own, and the addresses of other machines that it asked for. */
async function openTab(browser: Browser, url: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const elsewhere: string[] = [];
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin)
      elsewhere.push(request.url());
  });
  await page.goto(url);
  return { page, elsewhere, [Symbol.asyncDispose]: () => context.close() };
}

const query = (page: Page) => page.locator('.graphiql-query-editor .view-lines').innerText();
/** Presses the play button and, where GraphiQL asks which operation to run, takes the first. */
async function press(page: Page): Promise<void> {
  await page.getByRole('button', { name: /execute query/i }).click();
  if (await page.getByRole('menu').isVisible()) await page.getByRole('menuitem').first().click();
}
/** Presses the play button, once the editor has its document. */
async function play(page: Page): Promise<void> {
  await expect.poll(() => query(page), { timeout: 20_000 }).toMatch(/query|mutation/);
  await press(page);
}
const tabs = (page: Page) => page.locator('.graphiql-tab-button');
/** The answer that is shown; monaco draws blanks as no-break blanks. */
const answer = async (page: Page) =>
  (await page.locator('.graphiql-response .view-lines').innerText()).replaceAll('\u00a0', ' ');
/** The answer that is shown. GraphiQL parses a tab's document a moment after it shows it: who was quicker presses again. */
async function answerOfOperation(page: Page): Promise<string> {
  const shown = await answer(page);
  if (shown.includes('Cannot infer operation')) await press(page);
  return shown;
}
const keep = (page: Page) =>
  page.evaluate('JSON.stringify([Object.entries(localStorage), document.cookie, location.href])');

describe('GraphiQL in a browser', { timeout: 120_000 }, () => {
  it('asks for the key once, keeps it in the tab alone, and sends it with everything', async () => {
    if (chromium === undefined) return;
    await using world = await startWorldOnPort({ guarded: true });
    const key = world.administrator.authorization?.replace('Bearer ', '') ?? '';
    await using tab = await openTab(chromium, `${world.url}/graphql`);
    const { page } = tab;
    await page.getByLabel('API key').fill('webexgw_wrong');
    await page.getByRole('button', { name: 'Open GraphiQL' }).click();
    await expect.poll(() => page.getByRole('alert').first().innerText(), { timeout: 20_000 }).toMatch(/key/i);
    await page.getByLabel('API key').fill(key);
    await page.getByRole('button', { name: 'Open GraphiQL' }).click();
    await play(page);
    await expect.poll(() => answer(page), { timeout: 20_000 }).toContain('"CONNECTED"');
    // What explains the schema came with the key, too.
    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await expect
      .poll(() => page.locator('.graphiql-doc-explorer').innerText(), { timeout: 20_000 })
      .toContain('query: Query');
    expect(await keep(page)).not.toContain(key);
    const before = await tabs(page).count();
    await page.reload();
    await play(page);
    await expect.poll(() => answer(page), { timeout: 20_000 }).toContain('"CONNECTED"');
    expect(await tabs(page).count()).toBe(before);
    await page.getByRole('button', { name: 'Forget key' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain(key);
    expect(tab.elsewhere).toEqual([]);
  });

  it('answers in every tab where there are two connectors', async () => {
    if (chromium === undefined) return;
    await using world = await startWorldOnPort();
    await world.ask(CREATE, { input: world.settings('a-second-that-nobody-connected') });
    await using tab = await openTab(chromium, `${world.url}/graphql`);
    const { page } = tab;
    const examples = await readExampleQueries();
    await expect.poll(() => tabs(page).count(), { timeout: 20_000 }).toBe(examples.length);
    for (let index = 0; index < examples.length; index += 1) {
      await tabs(page).nth(index).click();
      await play(page);
      await expect.poll(() => answerOfOperation(page), { timeout: 20_000 }).toContain('"data"');
      const shown = await answer(page);
      expect(shown, examples[index]?.name).not.toContain('"errors"');
    }
    expect(tab.elsewhere).toEqual([]);
  });

  it('opens a shared link, also after a reload, and keeps secrets out of the address and of localStorage', async () => {
    if (chromium === undefined) return;
    await using world = await startWorldOnPort();
    const link = `${world.url}/graphql?query=${encodeURIComponent('query Shared { connectors { name } }')}`;
    await using tab = await openTab(chromium, link);
    const { page } = tab;
    await play(page);
    await expect.poll(() => answer(page), { timeout: 20_000 }).toContain('"acme"');
    expect(page.url()).toBe(`${world.url}/graphql`);
    // Whatever is typed, a secret among it, stays in the tab.
    await page.locator('.graphiql-query-editor .view-lines').click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(`query Typed { connector(name: "${SECRET}") { name`);
    await expect
      .poll(() => page.evaluate('JSON.stringify(sessionStorage)'), { timeout: 20_000 })
      .toContain(SECRET);
    expect(await keep(page)).not.toContain(SECRET);
    await page.reload();
    await expect.poll(() => query(page), { timeout: 20_000 }).toContain(SECRET);
  });
});
