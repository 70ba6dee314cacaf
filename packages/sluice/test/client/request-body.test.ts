import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMultipart } from '../../src/client/multipart.js';
import {
  type BodyOptions,
  buildBody,
  isRepeatable,
  outgoing,
  type RequestBody,
  type UploadObserver,
} from '../../src/client/request-body.js';

const LARGE = 200_000;

function build(options: BodyOptions): RequestBody {
  const body = buildBody(options);
  if (body === undefined) throw new Error('Expected a body');
  return body;
}

const UNOBSERVED: UploadObserver = { onPiece: () => {}, onEnd: () => {} };

/** The body as a server receives it. */
function received(body: RequestBody): Response {
  const { duplex: _, contentLength: __, ...init } = outgoing(body, UNOBSERVED);
  return new Response(init.body, {
    headers: body.contentType === undefined ? {} : { 'content-type': body.contentType },
  });
}

describe('buildBody', () => {
  it('builds JSON', async () => {
    const body = build({ json: { content: 'hé' } });
    expect(body.contentType).toBe('application/json');
    expect(await received(body).json()).toEqual({ content: 'hé' });
    expect(await received(build({ json: null })).text()).toBe('null');
  });

  it('builds no body without options', () => {
    expect(buildBody({})).toBeUndefined();
    expect(buildBody({ json: undefined, body: undefined, files: undefined })).toBeUndefined();
  });

  it.each<[string, BodyOptions, string | undefined, string]>([
    ['a string', { body: 'text' }, 'text/plain;charset=UTF-8', 'text'],
    [
      'parameters',
      { body: new URLSearchParams({ a: '1 2' }) },
      'application/x-www-form-urlencoded;charset=UTF-8',
      'a=1+2',
    ],
    ['a blob', { body: new Blob(['b'], { type: 'image/png' }) }, 'image/png', 'b'],
    ['a blob without type', { body: new Blob(['b']) }, undefined, 'b'],
    ['a view', { body: new TextEncoder().encode('xviewx').subarray(1, 5) }, undefined, 'view'],
    ['a buffer', { body: new TextEncoder().encode('buffer').buffer }, undefined, 'buffer'],
    ['a stream', { body: new Blob(['stream']).stream() }, undefined, 'stream'],
  ])('sends %s unchanged', async (_, options, contentType, text) => {
    const body = build(options);
    expect(body.contentType).toBe(contentType);
    expect(isRepeatable(body)).toBe(!(options.body instanceof ReadableStream));
    expect(await received(body).text()).toBe(text);
  });

  it('builds the multipart form that Discord expects', async () => {
    const json = { content: 'two files', attachments: [{ id: 0, description: 'first' }] };
    const files = [
      { name: 'a "quoted"\r\nname.txt', data: 'text', contentType: 'text/plain' },
      { name: 'b.bin', data: new Uint8Array([1, 2, 255]) },
      { name: 'sticker.png', data: new Blob(['png'], { type: 'image/png' }), key: 'file' },
    ];
    const form = await received(build({ json, files })).formData();
    expect([...form.keys()]).toEqual(['payload_json', 'files[0]', 'files[1]', 'file']);
    expect(JSON.parse(String(form.get('payload_json')))).toEqual(json);
    const [first, second, third] = ['files[0]', 'files[1]', 'file'].map((key) => form.get(key) as File);
    expect([first?.type, await first?.text()]).toEqual(['text/plain', 'text']);
    expect([second?.name, second?.type]).toEqual(['b.bin', 'application/octet-stream']);
    expect(new Uint8Array((await second?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(new Uint8Array([1, 2, 255]));
    expect([third?.name, third?.type, await third?.text()]).toEqual(['sticker.png', 'image/png', 'png']);
  });

  it('sends no payload_json without json', async () => {
    const form = await received(build({ files: [{ name: 'a', data: 'a' }] })).formData();
    expect([...form.keys()]).toEqual(['files[0]']);
  });

  it('can be sent again', async () => {
    const body = build({ json: {}, files: [{ name: 'a.bin', data: new Uint8Array(LARGE) }] });
    const [first, second] = [await received(body).text(), await received(body).text()];
    expect(first).toBe(second);
    expect(first.length).toBeGreaterThan(LARGE);
  });

  it.each<[string, BodyOptions]>([
    ['body and json', { body: 'a', json: {} }],
    ['body and files', { body: 'a', files: [] }],
    ['json without a form in JSON', { json: () => {} }],
    ['a body of another kind', { body: 1 as never }],
    ['a file without name', { files: [{ name: '', data: 'a' }] }],
    ['a file that is a stream', { files: [{ name: 'a', data: new Blob(['a']).stream() as never }] }],
  ])('refuses %s', (_, options) => {
    expect(() => buildBody(options)).toThrow(TypeError);
  });
});

it('rejects a stream that is already being read', () => {
  const body = new Blob(['a']).stream();
  body.getReader();
  expect(() => buildBody({ body })).toThrow(TypeError);
});

describe('outgoing', () => {
  it.each<[string, BodyOptions]>([
    ['string', { body: 'x'.repeat(LARGE) }],
    ['view', { body: new Uint8Array(LARGE) }],
    ['blob', { body: new Blob([new Uint8Array(LARGE)]) }],
  ])('sends a large %s as a stream of known length with visible progress', async (_, options) => {
    const progress: string[] = [];
    const observer = { onPiece: () => progress.push('piece'), onEnd: () => progress.push('end') };
    const { body, contentLength, duplex } = outgoing(build(options), observer);
    expect(body).toBeInstanceOf(ReadableStream);
    expect([contentLength, duplex]).toEqual([LARGE, 'half']);
    expect((await new Response(body).arrayBuffer()).byteLength).toBe(LARGE);
    expect(progress).toEqual(['piece', 'piece', 'piece', 'piece', 'end']);
  });

  it('leaves a small body unchanged', () => {
    expect(outgoing(build({ body: 'x' }), UNOBSERVED)).toEqual({ body: 'x' });
  });

  it('does not know the length of a stream', () => {
    const { contentLength, duplex } = outgoing(build({ body: new Blob(['x']).stream() }), UNOBSERVED);
    expect([contentLength, duplex]).toEqual([undefined, 'half']);
  });
});

describe('encodeMultipart', () => {
  it('can be parsed again', async () => {
    const part = fc.record({ name: fc.string({ minLength: 1 }), text: fc.string({ unit: 'grapheme' }) });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 5 }), async (parts) => {
        const form = new FormData();
        for (const { name, text } of parts) form.append(name, text);
        const blob = encodeMultipart(form);
        const read = await new Response(blob, { headers: { 'content-type': blob.type } }).formData();
        const lines = (text: string) => text.replaceAll(/\r\n|\r|\n/g, '\r\n');
        expect([...read.values()]).toEqual(parts.map(({ text }) => lines(text)));
      }),
      { numRuns: 50 },
    );
  });
});
