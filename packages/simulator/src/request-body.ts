import type { IncomingMessage } from 'node:http';

/** The largest body that is accepted, in bytes: more than any upload in a bot's tests. */
export const LARGEST_BODY = 32 * 1024 * 1024;

/** `aborted`: the client disconnected before the body was complete. */
export type RequestBody =
  | {
      readonly kind: 'complete';
      /** The body's JSON, or the JSON in part `payload_json` of a form; `undefined` where there is neither. */
      readonly json: unknown;
    }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' };

/** Reads a body of any type to its end. */
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
      // The rest is still read: some clients read the response only after they have sent the whole body.
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

/** Discord would answer 400. A test of a limiter has no use for that, so a body without valid JSON has no fields. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
