import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a server needs to speak TLS, and what a client needs to trust it. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly ca: string;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

// For 127.0.0.1 and localhost, from 2020 to 2120; trusted by nobody but these tests. Made by `openssl ca -selfsign`, which,
// unlike `openssl req -x509`, lets it begin in the past.
const certFile = fixture('tls-cert.pem');

/** Self-signed. */
export const TEST_CERTIFICATE: Certificate = {
  certFile,
  keyFile: fixture('tls-key.pem'),
  ca: readFileSync(certFile, 'utf8'),
};
