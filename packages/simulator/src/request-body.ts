import type { IncomingMessage } from 'node:http';

/** The largest body that is accepted, in bytes: more than any upload Discord takes from a bot's tests. */
export const LARGEST_BODY = 32 * 1024 * 1024;

/** `aborted`: the client went away before the body was complete. */
export type RequestBody =
  | {
      readonly kind: 'complete';
      /** What it says as JSON, or in the part `payload_json` of a form; `undefined` when it is neither. */
      readonly json: unknown;
    }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' };

/** Reads a body of whatever kind to its end. */
export async function readBody(request: IncomingMessage): Promise<RequestBody> {
  const content = await collect(request);
  if (content === 'too-large' || content === 'aborted') return { kind: content };
  return { kind: 'complete', json: await jsonIn(content, request.headers['content-type'] ?? '') };
}

function collect(request: IncomingMessage): Promise<Buffer | 'too-large' | 'aborted'> {
  return new Promise((resolve) => {
    let chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= LARGEST_BODY) {
        chunks.push(chunk);
        return;
      }
      // The rest is still read, else the client might never look at its answer.
      chunks = [];
      resolve('too-large');
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}

function jsonIn(content: Buffer, type: string): unknown {
  if (/^application\/json\b/i.test(type)) return parsedJson(content.toString());
  return /^multipart\/form-data\b/i.test(type) ? payloadJson(content, type) : undefined;
}

async function payloadJson(content: Buffer, type: string): Promise<unknown> {
  const form = await new Response(new Uint8Array(content), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined);
  const payload = form?.get('payload_json') ?? '';
  return parsedJson(typeof payload === 'string' ? payload : await payload.text());
}

/** Discord would answer 400; a limiter's test has no use for that, so that such a body only has no fields. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
