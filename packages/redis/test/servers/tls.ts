import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The files that a server needs for TLS, and the certificate that a client needs to trust it. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly ca: string;
}

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

// For 127.0.0.1 and localhost, valid from 2020 to 2120; only these tests trust it. Made by `openssl ca -selfsign`, which,
// unlike `openssl req -x509`, allows a start in the past.
const certFile = fixture('tls-cert.pem');

/** Self-signed. */
export const TEST_CERTIFICATE: Certificate = {
  certFile,
  keyFile: fixture('tls-key.pem'),
  ca: readFileSync(certFile, 'utf8'),
};
