import { InvalidConfiguration } from '../errors/start.ts';
import { readPort } from './values.ts';

/**
 * Where the metrics are served by themselves; undefined if they are beside everything else.
 * Throws InvalidConfiguration.
 */
export function readMetricsPlace(host: string, text: string | undefined, mainPort: number) {
  if (text === undefined) return undefined;
  const port = readPort('METRICS_PORT', text);
  if (port === mainPort) {
    throw new InvalidConfiguration(
      'METRICS_PORT',
      `must not be PORT, which is ${port}. Leave it unset to serve the metrics there.`,
    );
  }
  return { host, port };
}

/** Where traces are sent; undefined if none are made. Throws InvalidConfiguration. */
export function readTracing(endpoint: string | undefined, serviceName = 'webex-gateway') {
  if (endpoint === undefined) return undefined;
  const url = URL.parse(endpoint);
  // The value may hold a password, so it is never repeated in the message.
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new InvalidConfiguration(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      'must be the http or https URL of a collector that takes OTLP over HTTP, like http://localhost:4318. Leave it unset to make no traces.',
    );
  }
  return { endpoint, serviceName };
}
