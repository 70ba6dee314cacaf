import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer } from './model/answers.js';
import type { ModelResponse } from './model/discord-model.js';

/**
 * Milliseconds between the first half of a response and the reset of its connection. The client needs the time to read
 * that half, because a reset discards unread bytes.
 */
const HALF_READ = 20;

/** Sends a response unchanged. */
export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(bodyText(answer));
}

/** Sends a response, or loses it as its fault demands. */
export function deliver(response: ServerResponse, answer: ModelResponse): void {
  switch (answer.fault?.kind) {
    case 'stall':
      return;
    case 'drop':
    case 'refuse':
      response.socket?.destroy();
      return;
    case 'reset':
      resetHalfway(response, answer);
      return;
    default:
      send(response, answer);
  }
}

/** The whole head and half of the body, or half the head of a response without a body. */
function resetHalfway({ socket }: ServerResponse, answer: ModelResponse): void {
  const head = headText(answer);
  const body = bodyText(answer) ?? '';
  const half = body === '' ? head.slice(0, head.length / 2) : head + body.slice(0, body.length / 2);
  socket?.write(half, () => setTimeout(() => socket.resetAndDestroy(), HALF_READ).unref());
}

function headText(answer: ModelResponse): string {
  const length = { 'content-length': String(Buffer.byteLength(bodyText(answer) ?? '')) };
  const lines = Object.entries({ ...answer.headers, ...length }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`, ...lines, '', ''].join('\r\n');
}

function bodyText({ body }: Answer): string | undefined {
  if (body === null) return undefined;
  return typeof body === 'string' ? body : JSON.stringify(body);
}
