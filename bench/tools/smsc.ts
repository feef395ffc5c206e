/**
 * An SMSC that costs as little as can be: it knows submit_sm, enquire_link, bind and unbind, answers at once, and sends a
 * receipt after a delay if asked to. It has a codec of its own, so that a mistake in the product's cannot hide here.
 */
import { createServer, type Server, type Socket } from "node:net";
import { monotonicMicros, serveCommands } from "./control.ts";

const HEADER_BYTES = 16;
const PUMP_EVERY_MS = 5;
const REFUSED_AGAIN_MICROS = 500_000;
const SEQUENCES = 4_000_000;
const M = 0x4d;

interface Pending {
  readonly due: number;
  readonly id: number;
  readonly source: string;
  readonly destination: string;
  readonly socket: Socket;
}

interface Options {
  readonly port: number;
  readonly receipts: boolean;
  readonly receiptDelayMs: number;
  readonly responseDelayMs: number;
}

let options: Options = { port: 0, receipts: false, receiptDelayMs: 200, responseDelayMs: 0 };
let server: Server | null = null;
const connections = new Set<Socket>();
/** Those that are bound: nothing is delivered to another. */
const sockets = new Set<Socket>();
const firstAt = new Float64Array(SEQUENCES);
let submits = 0;
let unique = 0;
let receiptsSent = 0;
let receiptsAnswered = 0;
let inboundAnswered = 0;
let inboundLastAt = 0;
let firstSubmitAt = 0;
let lastSubmitAt = 0;
let nextId = 1_000_000_000;
let nextSequence = 1;
let pending: Pending[] = [];
let pendingFrom = 0;
let inboundWindow: (() => void) | null = null;
/** Receipts by connection that were sent and not answered: they go out again over the next one, as every SMSC does it. */
const unanswered = new Map<Socket, Map<number, Pending>>();

serveCommands({
  async listen(wanted: Options) {
    options = wanted;
    await up();
    return null;
  },
  up,
  down() {
    server?.close();
    server = null;
    for (const socket of connections) socket.destroy();
    return null;
  },
  stats: () => ({
    submits,
    unique,
    duplicates: submits - unique,
    receiptsSent,
    receiptsAnswered,
    inboundAnswered,
    inboundLastAt,
    firstSubmitAt,
    lastSubmitAt,
    binds: sockets.size,
  }),
  reset() {
    firstAt.fill(0);
    for (const open of unanswered.values()) open.clear();
    submits = unique = receiptsSent = receiptsAnswered = inboundAnswered = 0;
    inboundLastAt = firstSubmitAt = lastSubmitAt = 0;
    return null;
  },
  times: (count: number) => firstAt.slice(0, count),
  /** Sends texts from handsets, at most `window` unanswered, and resolves when all are answered. */
  inbound: ({ count, window, number }: { count: number; window: number; number: string }) =>
    sendInbound(count, window, number),
});

function up(): Promise<null> {
  return new Promise((resolve) => {
    server = createServer({ noDelay: true }, accept).listen(options.port, "127.0.0.1", () => resolve(null));
  });
}

function accept(socket: Socket): void {
  connections.add(socket);
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const answers: Buffer[] = [];
    let at = 0;
    while (rest.length - at >= HEADER_BYTES) {
      const length = rest.readUInt32BE(at);
      if (rest.length - at < length) break;
      handle(socket, rest.subarray(at, at + length), answers);
      at += length;
    }
    rest = rest.subarray(at);
    if (answers.length > 0) reply(socket, Buffer.concat(answers));
  });
  socket.on("close", () => {
    connections.delete(socket);
    sockets.delete(socket);
    pending.push(...(unanswered.get(socket)?.values() ?? []));
    unanswered.delete(socket);
  });
  socket.on("error", () => socket.destroy());
}

function reply(socket: Socket, bytes: Buffer): void {
  if (options.responseDelayMs === 0) socket.write(bytes);
  else setTimeout(() => socket.write(bytes), options.responseDelayMs);
}

function handle(socket: Socket, pdu: Buffer, answers: Buffer[]): void {
  const command = pdu.readUInt32BE(4);
  const sequence = pdu.readUInt32BE(12);
  switch (command) {
    case 0x00000001:
    case 0x00000002:
    case 0x00000009:
      answers.push(response(command, sequence, "bench"));
      setImmediate(() => sockets.add(socket)); // once the answer is on its way
      return;
    case 0x00000004:
      answers.push(response(command, sequence, String(takeSubmit(socket, pdu))));
      return;
    case 0x00000006:
      answers.push(header(16, 0x80000006, sequence));
      return;
    case 0x00000015:
      answers.push(header(16, 0x80000015, sequence));
      return;
    case 0x80000005:
      if (takeAnswer(socket, sequence, pdu.readUInt32BE(8))) return;
      if (inboundWindow === null) return;
      inboundAnswered++;
      inboundLastAt = monotonicMicros();
      inboundWindow();
      return;
    default:
  }
}

/** Whether it answers a receipt; one that was refused goes out again later. */
function takeAnswer(socket: Socket, sequence: number, status: number): boolean {
  const open = unanswered.get(socket);
  const receipt = open?.get(sequence);
  if (open === undefined || receipt === undefined) return false;
  open.delete(sequence);
  if (status === 0) receiptsAnswered++;
  else pending.push({ ...receipt, due: monotonicMicros() + REFUSED_AGAIN_MICROS });
  return true;
}

function takeSubmit(socket: Socket, pdu: Buffer): number {
  const now = monotonicMicros();
  if (firstSubmitAt === 0) firstSubmitAt = now;
  lastSubmitAt = now;
  submits++;
  const serviceEnd = pdu.indexOf(0, HEADER_BYTES);
  const sourceEnd = pdu.indexOf(0, serviceEnd + 3);
  const destinationEnd = pdu.indexOf(0, sourceEnd + 3);
  noteSequence(pdu, destinationEnd, now);
  const id = nextId++;
  if (options.receipts) {
    const source = pdu.toString("latin1", serviceEnd + 3, sourceEnd);
    const destination = pdu.toString("latin1", sourceEnd + 3, destinationEnd);
    pending.push({ due: now + options.receiptDelayMs * 1_000, id, source, destination, socket });
  }
  return id;
}

/** Each text holds `M` and eight digits, by which loss and duplicates are told. */
function noteSequence(pdu: Buffer, from: number, now: number): void {
  for (let at = pdu.indexOf(M, from); at !== -1 && at + 9 <= pdu.length; at = pdu.indexOf(M, at + 1)) {
    const sequence = digits(pdu, at + 1);
    if (sequence === -1) continue;
    if (firstAt[sequence] === 0) {
      firstAt[sequence] = now;
      unique++;
    }
    return;
  }
  unique++;
}

function digits(bytes: Buffer, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value < SEQUENCES ? value : -1;
}

function header(length: number, command: number, sequence: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(command, 4);
  bytes.writeUInt32BE(0, 8);
  bytes.writeUInt32BE(sequence, 12);
  return bytes;
}

function response(command: number, sequence: number, id: string): Buffer {
  const bytes = header(HEADER_BYTES + id.length + 1, (command | 0x80000000) >>> 0, sequence);
  bytes.write(id, HEADER_BYTES, "latin1");
  bytes[bytes.length - 1] = 0;
  return bytes;
}

function deliverSm(
  source: string,
  destination: string,
  esmClass: number,
  text: string,
  tlvs: Buffer,
): Buffer {
  const head = HEADER_BYTES + 1 + 2 + source.length + 1 + 2 + destination.length + 1;
  const bytes = header(head + 9 + 1 + text.length + tlvs.length, 0x00000005, nextSequence++);
  let at = HEADER_BYTES;
  bytes[at++] = 0;
  for (const address of [source, destination]) {
    bytes[at++] = 1;
    bytes[at++] = 1;
    at += bytes.write(address, at, "latin1");
    bytes[at++] = 0;
  }
  bytes.fill(0, at, at + 9);
  bytes[at] = esmClass;
  at += 9;
  bytes[at++] = text.length;
  at += bytes.write(text, at, "latin1");
  tlvs.copy(bytes, at);
  return bytes;
}

function receiptOf({ id, source, destination }: Pending, stamp: string): Buffer {
  const text = `id:${id} sub:001 dlvrd:001 submit date:${stamp} done date:${stamp} stat:DELIVRD err:000 text:-`;
  const idText = String(id);
  const tlvs = Buffer.alloc(4 + idText.length + 1 + 5);
  tlvs.writeUInt16BE(0x001e, 0);
  tlvs.writeUInt16BE(idText.length + 1, 2);
  tlvs.write(idText, 4, "latin1");
  tlvs.writeUInt16BE(0x0427, 5 + idText.length);
  tlvs.writeUInt16BE(1, 7 + idText.length);
  tlvs[9 + idText.length] = 2;
  return deliverSm(destination, source, 0x04, text, tlvs);
}

function pump(): void {
  if (pendingFrom === pending.length) return;
  const now = monotonicMicros();
  const stamp = new Date().toISOString().replace(/\D/g, "").slice(2, 12);
  const bySocket = new Map<Socket, Buffer[]>();
  for (let one = pending[pendingFrom]; one !== undefined && one.due <= now; one = pending[++pendingFrom]) {
    const socket = one.socket.destroyed ? [...sockets][0] : one.socket;
    if (socket === undefined) break;
    const bytes = bySocket.get(socket) ?? [];
    bySocket.set(socket, bytes);
    const open = unanswered.get(socket) ?? new Map<number, Pending>();
    unanswered.set(socket, open);
    open.set(nextSequence, one); // deliverSm takes the next number
    bytes.push(receiptOf(one, stamp));
    receiptsSent++;
  }
  for (const [socket, bytes] of bySocket) socket.write(Buffer.concat(bytes));
  if (pendingFrom > 100_000) {
    pending = pending.slice(pendingFrom);
    pendingFrom = 0;
  }
}
setInterval(pump, PUMP_EVERY_MS);

function sendInbound(count: number, window: number, number: string): Promise<{ seconds: number }> {
  const [socket] = sockets;
  if (socket === undefined) throw new Error("nobody is bound");
  const startedAt = monotonicMicros();
  let sent = 0;
  return new Promise((resolve) => {
    inboundWindow = () => {
      if (inboundAnswered === count) {
        inboundWindow = null;
        resolve({ seconds: (inboundLastAt - startedAt) / 1_000_000 });
        return;
      }
      const bytes: Buffer[] = [];
      while (sent < count && sent - inboundAnswered < window) {
        bytes.push(
          deliverSm(
            String(31_600_000_000 + sent),
            number,
            0,
            `M${String(sent).padStart(8, "0")} hello`,
            Buffer.alloc(0),
          ),
        );
        sent++;
      }
      if (bytes.length > 0) socket.write(Buffer.concat(bytes));
    };
    inboundWindow();
  });
}
