/** A load generator over keep-alive connections: as fast as they are answered, or at a steady rate. Bounded in count and time. */
import { connect, type Socket } from "node:net";
import { monotonicMicros, serveCommands } from "./control.ts";

export interface Load {
  readonly port: number;
  /** Of several nodes: connections go to them in turn. */
  readonly ports?: readonly number[];
  readonly method: string;
  /** `{seq}` is eight digits, `{to}` a phone number made of it. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  readonly count: number;
  /** Requests a second; null as fast as they are answered. */
  readonly rate: number | null;
  readonly maxSeconds: number;
}

export interface LoadResult {
  readonly accepted: number;
  readonly refused: number;
  readonly startedAt: number;
  readonly seconds: number;
  /** By sequence, in the shared clock's microseconds: when it was written; 0 when it was not. */
  readonly sentAt: Float64Array;
  /** When its success was answered; 0 when it was not. */
  readonly answeredAt: Float64Array;
  readonly firstRefusal: string;
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");

serveCommands({ run });

function run(load: Load): Promise<LoadResult> {
  const sentAt = new Float64Array(load.count);
  const answeredAt = new Float64Array(load.count);
  const head = renderHead(load);
  const startedAt = monotonicMicros();
  let next = 0;
  let accepted = 0;
  let refused = 0;
  let firstRefusal = "";
  const idle: Connection[] = [];

  return new Promise((resolve) => {
    const ports = load.ports ?? [load.port];
    const connections = Array.from({ length: load.connections }, (_, n) =>
      createConnection(ports[n % ports.length] ?? load.port, settle, refill),
    );
    const ticker = load.rate === null ? null : setInterval(release, 1);
    const limit = setTimeout(finish, load.maxSeconds * 1_000);

    function finish(): void {
      if (ticker !== null) clearInterval(ticker);
      clearTimeout(limit);
      for (const connection of connections) connection.socket.destroy();
      const seconds = (monotonicMicros() - startedAt) / 1_000_000;
      resolve({ accepted, refused, startedAt, seconds, sentAt, answeredAt, firstRefusal });
    }
    function settle(sequence: number, status: number, body: string): void {
      if (status >= 200 && status < 300) {
        answeredAt[sequence] = monotonicMicros();
        accepted++;
      } else {
        refused++;
        if (firstRefusal === "") firstRefusal = `${status} ${body.slice(0, 300)}`;
      }
      if (accepted + refused === load.count) finish();
    }
    function refill(connection: Connection): void {
      if (load.rate === null) send(connection);
      else idle.push(connection);
    }
    /** At a steady rate each request has its own time: a slow answer does not slow the next one down. */
    function release(): void {
      const due = Math.min(
        load.count,
        Math.floor(((monotonicMicros() - startedAt) / 1_000_000) * (load.rate ?? 0)),
      );
      while (next < due && idle.length > 0) {
        const connection = idle.pop();
        if (connection !== undefined) send(connection);
      }
    }
    function send(connection: Connection): void {
      if (next >= load.count) return;
      const sequence = next++;
      sentAt[sequence] = monotonicMicros();
      connection.send(sequence, head(sequence));
    }
  });
}

/** Everything but the numbers is put together once: they have the same length in every request. */
function renderHead(load: Load): (sequence: number) => string {
  const headers = Object.entries(load.headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const length = load.body === "" ? "" : `Content-Length: ${Buffer.byteLength(fill(load.body, 0))}\r\n`;
  const request = `${load.method} ${load.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}${length}\r\n${load.body}`;
  const pieces = request.split(/(\{seq\}|\{to\})/);
  return (sequence) => {
    let whole = "";
    for (const piece of pieces)
      whole += piece === "{seq}" ? eightDigits(sequence) : piece === "{to}" ? phoneNumber(sequence) : piece;
    return whole;
  };
}

function fill(text: string, sequence: number): string {
  return text.replaceAll("{seq}", eightDigits(sequence)).replaceAll("{to}", phoneNumber(sequence));
}

function eightDigits(sequence: number): string {
  return String(sequence).padStart(8, "0");
}

function phoneNumber(sequence: number): string {
  return String(31_600_000_000 + sequence);
}

interface Connection {
  readonly socket: Socket;
  send(sequence: number, request: string): void;
}

/** One request under way at a time, like a client that waits for its answer. */
function createConnection(
  port: number,
  settle: (sequence: number, status: number, body: string) => void,
  refill: (connection: Connection) => void,
): Connection {
  let current = -1;
  let rest: Buffer = Buffer.alloc(0);
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const connection: Connection = {
    socket,
    send(sequence, request) {
      current = sequence;
      socket.write(request);
    },
  };
  socket.on("connect", () => refill(connection));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (current !== -1) settle(current, 0, "connection closed");
  });
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const headEnd = rest.indexOf(END_OF_HEAD);
    if (headEnd === -1) return;
    const head = rest.toString("latin1", 0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    const end = headEnd + END_OF_HEAD.length + length;
    if (rest.length < end) return;
    const sequence = current;
    current = -1;
    const status = Number(head.slice(9, 12));
    settle(sequence, status, status < 300 ? "" : rest.toString("latin1", headEnd + END_OF_HEAD.length, end));
    rest = rest.subarray(end);
    refill(connection);
  });
  return connection;
}
