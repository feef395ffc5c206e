/** A receiver of callbacks that costs as little as can be: it answers 200 and notes when each message's first final callback came. */
import { createServer, type Socket } from "node:net";
import { monotonicMicros, serveCommands } from "./control.ts";

const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
const END_OF_HEAD = Buffer.from("\r\n\r\n");
const SEQUENCES = 4_000_000;
const SEQUENCE_FORM = /(?:seq=0*|M0{0,7})(\d{1,8})/;

const firstAt = new Float64Array(SEQUENCES);
let requests = 0;
let unique = 0;
let targets = 0;
let lastAt = 0;
let signed = 0;

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    rest = takeRequests(socket, rest);
  });
  socket.on("error", () => socket.destroy());
});

serveCommands({
  listen: (port: number) => new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(null))),
  stats: () => ({ requests, unique, targets, lastAt, signed }),
  reset() {
    firstAt.fill(0);
    requests = unique = targets = lastAt = signed = 0;
    return null;
  },
  times: (count: number) => firstAt.slice(0, count),
});

function takeRequests(socket: Socket, bytes: Buffer): Buffer {
  let at = 0;
  let answers = 0;
  for (;;) {
    const headEnd = bytes.indexOf(END_OF_HEAD, at);
    if (headEnd === -1) break;
    const head = bytes.toString("latin1", at, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + END_OF_HEAD.length + length;
    if (bytes.length < end) break;
    take(head, bytes.toString("latin1", headEnd + END_OF_HEAD.length, end));
    answers++;
    at = end;
  }
  if (answers > 0)
    socket.write(answers === 1 ? ANSWER : Buffer.concat(Array.from({ length: answers }, () => ANSWER)));
  return bytes.subarray(at);
}

function take(head: string, body: string): void {
  requests++;
  lastAt = monotonicMicros();
  if (head.includes("webhook-signature") || head.includes("Webhook-Signature")) signed++;
  targets += body.length > 2_000 ? body.split('"status":"delivered"').length - 1 : 1;
  const found = SEQUENCE_FORM.exec(body === "" ? head : body);
  const sequence = Number(found?.[1] ?? -1);
  if (sequence < 0 || sequence >= SEQUENCES || firstAt[sequence] !== 0) return;
  firstAt[sequence] = lastAt;
  unique++;
}
