import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Answer } from './model/answers.js';
import type { ModelResponse } from './model/discord-model.js';

/**
 * Milliseconds between the first half of an answer and the reset of its connection: enough for the client to see that
 * half, as a reset throws away what has not been read.
 */
const HALF_READ = 20;

/** Sends an answer as it is. */
export function send(response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, answer.headers);
  response.end(bodyText(answer));
}

/** Sends an answer, or lets it get lost on the way as its fault demands. */
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

/** The whole head and half of the body, or half the head of an answer without a body. */
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
