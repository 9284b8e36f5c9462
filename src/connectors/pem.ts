const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/** The certificates in a text in PEM format, each with its first and last line; one without an end is left out. */
export function certificatesIn(pem: string): string[] {
  const found: string[] = [];
  let begin = pem.indexOf(BEGIN);
  while (begin !== -1) {
    const end = pem.indexOf(END, begin);
    if (end === -1) break;
    found.push(pem.slice(begin, end + END.length));
    begin = pem.indexOf(BEGIN, end);
  }
  return found;
}
