// Runs in the browser. Asks for the API key where there is access control, fills in the examples' variables, and opens
// GraphiQL. Everything is kept in the tab's session: documents and variables may hold secrets as headers do.
(async () => {
  const KEY = 'webex-gateway:key';
  const find = (id) => document.getElementById(id);
  const { title, asksForKey, tabs } = JSON.parse(find('settings').textContent);

  // A shared link opens its query in a tab. The address itself does not keep it, as addresses are kept and sent on.
  const address = new URL(location.href);
  const [query, variables] = ['query', 'variables'].map((name) => address.searchParams.get(name));
  history.replaceState(null, '', address.pathname);

  const ask = async (document, key) => {
    const response = await fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(key) },
      body: JSON.stringify({ query: document }),
    });
    return { ok: response.ok, answer: await response.json() };
  };
  const headersOf = (key) => (key === null ? {} : { authorization: `Bearer ${key}` });

  /** The name of the caller that the key belongs to, or why the key cannot be used. */
  const identify = async (key) => {
    // A header takes no other characters.
    if (/[^\x21-\x7e]/.test(key))
      return { problem: 'This is not a key: it contains spaces or characters that keys do not have.' };
    try {
      const { answer } = await ask('{ viewer { name } }', key);
      const name = answer.data?.viewer.name;
      return name === undefined ? { problem: answer.errors[0].message } : { name };
    } catch {
      return { problem: 'The gateway does not answer. Try again in a moment.' };
    }
  };

  const enteredKey = () =>
    new Promise((resolve) => {
      const form = find('key-form');
      form.hidden = false;
      form.elements.key.focus();
      form.onsubmit = (event) => {
        event.preventDefault();
        resolve(form.elements.key.value.trim());
      };
    });

  /** The key of this session: stored before a reload, or asked for until the gateway accepts one. */
  const signIn = async () => {
    for (let key = sessionStorage.getItem(KEY); ; key = await enteredKey()) {
      if (key === null) continue;
      const { name, problem } = await identify(key);
      find('key-problem').textContent = problem ?? '';
      if (name === undefined) continue;
      sessionStorage.setItem(KEY, key);
      find('key-form').remove();
      find('caller').textContent = name;
      find('session').hidden = false;
      find('forget-key').onclick = () => {
        sessionStorage.clear();
        location.reload();
      };
      return key;
    }
  };

  /** Values for the examples' variables, by name: a connector that the caller can use. */
  const exampleValues = async (key) => {
    const read = async (fields) =>
      (await ask(`{ connectors { ${fields} } }`, key)).answer.data?.connectors ?? [];
    const connectors = await read('id name status').catch(() => []);
    const connector = connectors.find(({ status }) => status === 'CONNECTED') ?? connectors[0];
    if (connector === undefined) return {};
    // Separate, because fewer callers may read the settings.
    const configured = await read(
      'id settings { clientId serviceUri tokenEndpoint authorizationEndpoint }',
    ).catch(() => []);
    const { settings = {} } = configured.find(({ id }) => id === connector.id) ?? {};
    return { ...settings, connector: connector.name };
  };
  const filled = (text, values) =>
    text === null
      ? null
      : JSON.stringify(
          JSON.parse(text, (name, value) => values[name] ?? value),
          null,
          2,
        );

  const key = asksForKey ? await signIn() : null;
  const values = await exampleValues(key);
  const examples = tabs.map((tab) => ({ ...tab, variables: filled(tab.variables, values) }));
  const shared = query === null ? [] : [{ query, variables }];
  // Tabs are kept over a reload. GraphiQL adds one for the document that it is given, unless a tab holds the same: so it
  // is given the link's document, or what was last in the editors, which tabs learn of with a delay.
  const stored = (name) => sessionStorage.getItem(`graphiql:${name}`);
  const { tabs: kept = [], activeTabIndex } = JSON.parse(stored('tabState')) ?? {};
  const open = kept[activeTabIndex];
  const first = open && {
    query: stored('query') ?? open.query,
    variables: stored('variables') ?? open.variables,
    initialHeaders: stored('headers') ?? open.headers,
    ...shared[0],
  };
  YogaGraphiQL.renderYogaGraphiQL(find('root'), {
    title,
    endpoint: '/graphql',
    // Else subscriptions are sent with the document and the variables in the address.
    method: 'POST',
    defaultTabs: [...shared, ...examples],
    ...first,
    additionalHeaders: headersOf(key),
    storage: sessionStorage,
    shouldPersistHeaders: true,
    // In place of Yoga's own, which writes the document into the address.
    onEditQuery() {},
  });
})();
