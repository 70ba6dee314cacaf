/**
 * Encodes a form as `multipart/form-data`. The type of the blob is the content type with its boundary. The blob has a
 * known size and refers to its parts without a copy, so it can be sent as a stream with a length, and sent again.
 */
export function encodeMultipart(form: FormData): Blob {
  // The type of a blob is lower-cased, so the boundary must be in lower case.
  const boundary = `sluice-${crypto.randomUUID()}`;
  const parts: (string | Blob)[] = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escapeName(normalizeLines(name))}"`;
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${normalizeLines(value)}\r\n`);
    else parts.push(`${head}; ${fileHeaders(value)}\r\n\r\n`, value, '\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}

function fileHeaders({ name, type }: { readonly name: string; readonly type: string }): string {
  return `filename="${escapeName(name)}"\r\nContent-Type: ${type || 'application/octet-stream'}`;
}

/** Escapes a name as the HTML standard requires. */
function escapeName(name: string): string {
  return name.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');
}

function normalizeLines(text: string): string {
  return text.replaceAll(/\r\n|\r|\n/g, '\r\n');
}
