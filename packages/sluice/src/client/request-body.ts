import { encodeMultipart } from './multipart.js';

/** A body as it is sent, for which the caller gives the content type; forms, parameters and blobs bring their own. */
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
  readonly data: Blob | string | ArrayBuffer | ArrayBufferView;
  /** Default: the blob's own type, else `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** The name of its part. Default `files[n]`, by its place in the list. */
  readonly key?: string | undefined;
}

/** The parts of a request's options that make its body. */
export interface BodyOptions {
  /** Sent as JSON; beside `files`, as `payload_json`. */
  readonly json?: unknown;
  /** Sent as it is; excludes `json` and `files`. A stream can be sent only once: such a request is never retried. */
  readonly body?: RawBody | undefined;
  /** Sent as `multipart/form-data`. */
  readonly files?: readonly RequestFile[] | undefined;
}

/** A body that is ready to be sent. */
export interface RequestBody {
  readonly content: string | ArrayBuffer | ArrayBufferView | Blob | ReadableStream<Uint8Array>;
  /** The content type that it brings. */
  readonly contentType: string | undefined;
}

/** What `fetch` is given for one attempt to send a body. */
export interface OutgoingBody {
  readonly body: Exclude<RequestBody['content'], ArrayBufferView> | Uint8Array<ArrayBuffer>;
  /** How long it is, where `fetch` cannot know. */
  readonly contentLength?: number;
  readonly duplex?: 'half';
}

/** Who is told how a body moves. */
export interface UploadObserver {
  /** Another piece was taken. */
  onPiece(): void;
  /** All pieces were taken, which is not to say that they have arrived. */
  onEnd(): void;
}

/**
 * Larger bodies, in bytes, are sent as streams of pieces of this size, so that their progress can be seen: each piece
 * is asked for when the one before has been taken. What is smaller is taken at once by any socket.
 */
const PIECE_SIZE = 65_536;

const FORM_URLENCODED = 'application/x-www-form-urlencoded;charset=UTF-8';

/**
 * Makes a request's body; everything but a stream can be sent any number of times.
 *
 * @throws TypeError when `body` is given beside `json` or `files`, or something cannot be sent.
 */
export function buildBody({ json, body, files }: BodyOptions): RequestBody | undefined {
  if (body !== undefined) {
    if (json !== undefined || files !== undefined) throw new TypeError('body excludes json and files');
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

/** Prepares one attempt to send a body. */
export function outgoing({ content }: RequestBody, observer: UploadObserver): OutgoingBody {
  if (content instanceof ReadableStream) return { body: inPieces(content, observer), duplex: 'half' };
  if (!(content instanceof Blob) || content.size <= PIECE_SIZE) return { body: content as OutgoingBody['body'] };
  return { body: inPieces(content.stream(), observer), contentLength: content.size, duplex: 'half' };
}

function serialize(json: unknown): string {
  const text = JSON.stringify(json);
  if (text === undefined) throw new TypeError('json has no form in JSON');
  return text;
}

function rawBody(body: RawBody): RequestBody {
  if (typeof body === 'string') return { content: inMemory(body), contentType: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) return { content: inMemory(body.toString()), contentType: FORM_URLENCODED };
  if (body instanceof FormData) return formBody(body);
  if (body instanceof Blob) return { content: body, contentType: body.type || undefined };
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError('body is a stream that something else reads already');
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
        'a stream becomes a Blob by "await new Response(stream).blob()"',
    );
  }
  return new Blob([data as BlobPart], { type: contentType ?? (data instanceof Blob ? data.type : '') });
}

type BlobPart = ConstructorParameters<typeof Blob>[0] extends Iterable<infer Part> | undefined ? Part : never;

/** Content of a size to be streamed becomes a blob, which can be. */
function inMemory<Content extends string | ArrayBuffer | ArrayBufferView>(content: Content): Content | Blob {
  const size = typeof content === 'string' ? content.length : content.byteLength;
  return size > PIECE_SIZE ? new Blob([content as BlobPart]) : content;
}

/** The same stream in pieces, whatever its chunks are: Node streams a blob in memory as a single one. */
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
