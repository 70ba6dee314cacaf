import { encodeMultipart } from './multipart.js';

/** A body that is sent as it is. The caller sets its content type, except for forms, parameters and blobs. */
export type RawBody =
  | string
  | URLSearchParams
  | FormData
  | Blob
  | ArrayBuffer
  | ArrayBufferView
  | ReadableStream<Uint8Array>;

/** A file to upload. */
export interface RequestFile {
  /** The file's name. */
  readonly name: string;
  /** The file's content. */
  readonly data: Blob | string | ArrayBuffer | ArrayBufferView;
  /** Default: the blob's own type, otherwise `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** The name of the form part. Default `files[n]`, where `n` is the index of the file. */
  readonly key?: string | undefined;
}

/** The options of a request that define its body. */
export interface BodyOptions {
  /** Sent as JSON or, together with `files`, as `payload_json`. */
  readonly json?: unknown;
  /** Sent as it is. Excludes `json` and `files`. A stream can be sent only once, so such a request is never retried. */
  readonly body?: RawBody | undefined;
  /** Sent as `multipart/form-data`. */
  readonly files?: readonly RequestFile[] | undefined;
}

/** A body that is ready to be sent. */
export interface RequestBody {
  readonly content: string | ArrayBuffer | ArrayBufferView | Blob | ReadableStream<Uint8Array>;
  /** The content type of the body itself; `undefined` when the caller has to set it. */
  readonly contentType: string | undefined;
}

/** The body for one call of `fetch`. */
export interface OutgoingBody {
  readonly body: Exclude<RequestBody['content'], ArrayBufferView> | Uint8Array<ArrayBuffer>;
  /** The length in bytes, when `fetch` cannot find it out. */
  readonly contentLength?: number;
  readonly duplex?: 'half';
}

/** Receives the progress of an upload. */
export interface UploadObserver {
  /** Another piece was taken by the transport. */
  onPiece(): void;
  /** All pieces were taken by the transport. They may not have arrived yet. */
  onEnd(): void;
}

/**
 * Size of a piece, in bytes. A larger body is sent as a stream of pieces, so that its progress is visible: the
 * transport takes each piece when it has taken the one before. Any socket takes a smaller body at once.
 */
const PIECE_SIZE = 65_536;

const FORM_URLENCODED = 'application/x-www-form-urlencoded;charset=UTF-8';

/**
 * Builds the body of a request. All bodies except streams can be sent any number of times.
 *
 * @throws TypeError when `body` is given together with `json` or `files`, or a value cannot be sent.
 */
export function buildBody({ json, body, files }: BodyOptions): RequestBody | undefined {
  if (body !== undefined) {
    if (json !== undefined || files !== undefined) throw new TypeError('body cannot be combined with json or files');
    return rawBody(body);
  }
  const text = json === undefined ? undefined : serialize(json);
  if (files !== undefined) return formBody(fileForm(files, text));
  return text === undefined ? undefined : { content: inMemory(text), contentType: 'application/json' };
}

/** Whether a body can be sent again. */
export function isRepeatable(body: RequestBody | undefined): boolean {
  return !(body?.content instanceof ReadableStream);
}

/** Prepares a body for one call of `fetch`. */
export function outgoing({ content }: RequestBody, observer: UploadObserver): OutgoingBody {
  if (content instanceof ReadableStream) return { body: inPieces(content, observer), duplex: 'half' };
  if (!(content instanceof Blob) || content.size <= PIECE_SIZE) return { body: content as OutgoingBody['body'] };
  return { body: inPieces(content.stream(), observer), contentLength: content.size, duplex: 'half' };
}

function serialize(json: unknown): string {
  const text = JSON.stringify(json);
  if (text === undefined) throw new TypeError('json cannot be represented as JSON');
  return text;
}

function rawBody(body: RawBody): RequestBody {
  if (typeof body === 'string') return { content: inMemory(body), contentType: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) return { content: inMemory(body.toString()), contentType: FORM_URLENCODED };
  if (body instanceof FormData) return formBody(body);
  if (body instanceof Blob) return { content: body, contentType: body.type || undefined };
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError('body is a stream that is already being read');
    return { content: body, contentType: undefined };
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    return { content: inMemory(body), contentType: undefined };
  }
  throw new TypeError('body must be a string, URLSearchParams, FormData, Blob, ArrayBuffer, view or ReadableStream');
}

function formBody(form: FormData): RequestBody {
  const content = encodeMultipart(form);
  return { content, contentType: content.type };
}

function fileForm(files: readonly RequestFile[], payload: string | undefined): FormData {
  const form = new FormData();
  if (payload !== undefined) form.append('payload_json', payload);
  for (const [index, { name, data, contentType, key = `files[${index}]` }] of files.entries()) {
    if (typeof name !== 'string' || name === '') throw new TypeError(`files[${index}] needs a name`);
    form.append(key, fileBlob(data, contentType, index), name);
  }
  return form;
}

function fileBlob(data: RequestFile['data'], contentType: string | undefined, index: number): Blob {
  const isData =
    typeof data === 'string' || data instanceof Blob || data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  if (!isData) {
    throw new TypeError(
      `The data of files[${index}] must be a Blob, string, ArrayBuffer or view; ` +
        'convert a stream with "await new Response(stream).blob()"',
    );
  }
  return new Blob([data as BlobPart], { type: contentType ?? (data instanceof Blob ? data.type : '') });
}

type BlobPart = ConstructorParameters<typeof Blob>[0] extends Iterable<infer Part> | undefined ? Part : never;

/** Turns content that is large enough to be streamed into a blob. */
function inMemory<Content extends string | ArrayBuffer | ArrayBufferView>(content: Content): Content | Blob {
  const size = typeof content === 'string' ? content.length : content.byteLength;
  return size > PIECE_SIZE ? new Blob([content as BlobPart]) : content;
}

/** Splits a stream into pieces, whatever its chunks are: Node streams a blob in memory as a single chunk. */
function inPieces(stream: ReadableStream<Uint8Array>, observer: UploadObserver): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  let rest: Uint8Array = new Uint8Array();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        while (rest.byteLength === 0) {
          const { done, value } = await reader.read();
          if (done) {
            observer.onEnd();
            controller.close();
            return;
          }
          rest = value;
        }
        observer.onPiece();
        controller.enqueue(rest.subarray(0, PIECE_SIZE));
        rest = rest.subarray(PIECE_SIZE);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
