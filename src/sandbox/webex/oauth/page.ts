import { html, raw } from 'hono/html';
import type { PersonRecord } from '../state/records.ts';
import type { AuthorizeRequest } from './request.ts';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; background: #f2f4f7; color: #14181f; margin: 0; }
  main { max-width: 32rem; margin: 8vh auto; background: #fff; padding: 2rem; border-radius: 12px; box-shadow: 0 1px 4px #0002; }
  h1 { font-size: 1.25rem; margin-top: 0; } code { font-size: .9em; }
  select, button { font: inherit; padding: .5rem 1rem; border-radius: 8px; border: 1px solid #8a94a6; background: #fff; }
  select { max-width: 100%; }
  button[value=approve] { background: #0b57d0; border-color: #0b57d0; color: #fff; }
  footer { color: #5b6474; font-size: .85rem; margin-top: 1.5rem; }`;

/** The page on which a person approves or denies: plain HTML, nothing loaded from elsewhere. */
export async function authorizePage(
  request: AuthorizeRequest,
  hidden: readonly (readonly [name: string, value: string])[],
  people: readonly PersonRecord[],
): Promise<string> {
  const name = request.integration.name ?? request.integration.clientId;
  const fields = hidden.map(([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`);
  const scopes = request.scopes.map((scope) => html`<li><code>${scope}</code></li>`);
  const options = people.map((person) => {
    const roles = [...person.roles].map((role) => role.name).join(', ');
    const email = person.emails[0] ?? '';
    return html`<option value="${email}">${person.displayName} (${roles === '' ? 'no role' : roles})</option>`;
  });
  const content = html`
    <h1>${name} asks for access to the organization</h1>
    <ul>${scopes}</ul>
    <form method="post" action="/v1/authorize">
      ${fields}
      <p><label>Sign in as <select name="person">${options}</select></label></p>
      <p>
        <button name="decision" value="approve">Approve</button>
        <button name="decision" value="deny">Deny</button>
      </p>
    </form>
    <footer>Afterwards the browser goes to <code>${request.redirectUri}</code>.</footer>`;
  return frame(`Authorize ${name}`, content);
}

/** The page for a request that cannot be sent back to its client. */
export function refusalPage(message: string): Promise<string> {
  return frame('Not authorized', html`<h1>This request cannot be authorized</h1><p>${message}</p>`);
}

async function frame(title: string, content: ReturnType<typeof html>): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title><style>${raw(STYLE)}</style></head>
<body><main>${await content}</main></body>
</html>`;
  return String(page);
}
