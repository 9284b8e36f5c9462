import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Telemetry } from '../../src/telemetry/telemetry.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const guide = readFileSync(join(ROOT, 'docs/metrics.md'), 'utf8');
const dashboard = readFileSync(join(ROOT, 'docs/grafana/webex-gateway.json'), 'utf8');

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const {
  panels,
  templating,
}: { panels: readonly Panel[]; templating: { list: readonly { name: string }[] } } = JSON.parse(dashboard);
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
const alerts = [...guide.matchAll(/^\s+expr: (.+)$/gm)].map(([, expr]) => expr ?? '');

/** Every metric that is exposed, with the names of its series. */
async function exposed(): Promise<{ ours: string[]; series: Set<string>; labels: Set<string> }> {
  const telemetry = new Telemetry();
  const nothing = () => Promise.resolve([]);
  telemetry.metrics.watch({ pools: () => [], standings: nothing, runs: nothing });
  telemetry.metrics.watchProcess();
  const text = await telemetry.metrics.read();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
    name,
    type,
  }));
  const parts = (type: string) => (type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']);
  const source = ['metrics', 'store-metrics', 'sync-metrics', 'gauges'].map((file) =>
    readFileSync(join(ROOT, `src/telemetry/${file}.ts`), 'utf8'),
  );
  const labels = [...source.join().matchAll(/\[((?:\s*'\w+',?)+\s*)\]/g)].flatMap(([, list = '']) => [
    ...list.matchAll(/\w+/g),
  ]);
  return {
    ours: types.map(({ name }) => name).filter((name) => name.startsWith('webex_gateway_')),
    series: new Set(types.flatMap(({ name, type }) => parts(type).map((part) => `${name}${part}`))),
    labels: new Set([...labels.map(String), 'le', 'job', 'instance']),
  };
}

const seriesIn = (expr: string) =>
  [...expr.matchAll(/\b(?:webex_gateway|nodejs|process)_\w+/g)].map(([name]) => name);
const labelsIn = (expr: string) => [
  ...[...expr.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label),
  ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
];

describe('the metrics', () => {
  it('are all explained in docs/metrics.md, and nothing else is', async () => {
    const documented = [...guide.matchAll(/^\| `(webex_gateway_\w+)` \|/gm)].map(([, name]) => name);
    expect(documented.toSorted()).toEqual((await exposed()).ours.toSorted());
  });

  it('are there under the names and labels that the dashboard and the alerts ask for', async () => {
    const { series, labels } = await exposed();
    const asked = [...expressions, ...alerts];
    expect([expressions.length, alerts.length].map((count) => count > 5)).toEqual([true, true]);
    expect(asked.filter((expr) => seriesIn(expr).length === 0)).toEqual([]);
    expect(asked.flatMap(seriesIn).filter((name) => !series.has(name))).toEqual([]);
    expect(asked.flatMap(labelsIn).filter((label) => label !== '' && !labels.has(label))).toEqual([]);
  });

  it('are shown by a dashboard that Grafana can import', () => {
    expect(JSON.parse(dashboard)).toMatchObject({
      title: 'Webex provisioning gateway',
      uid: 'webex-gateway',
      schemaVersion: expect.any(Number),
      panels: expect.any(Array),
    });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const variables = new Set([...dashboard.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
    const known = new Set([...templating.list.map(({ name }) => name), '__rate_interval', '__all']);
    expect([...variables].filter((name) => name !== undefined && !known.has(name))).toEqual([]);
    expect(panels.filter(({ type, targets }) => type !== 'row' && targets === undefined)).toEqual([]);
  });
});
