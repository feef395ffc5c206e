/** A door with nothing behind it: node:http, the body parsed, a short answer; when wanted, one durable write before that. */
import { closeSync, constants, mkdtempSync, openSync, rmSync, write, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveCommands } from "./control.ts";

const FILE_BYTES = 4 * 1_024 * 1_024;
/** What the journal writes of one message. */
const RECORD_BYTES = 400;

const folder = mkdtempSync(join(tmpdir(), "msgbin-floor-"));
const file = join(folder, "journal");
writeFileSync(file, Buffer.alloc(FILE_BYTES), { flush: true });
const fd = openSync(file, constants.O_WRONLY | constants.O_DSYNC);
let position = 0;
let isDurable = false;

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8");
  request.on("data", (chunk: string) => (body += chunk));
  request.on("end", () => (isDurable ? writeThenAnswer(body, request, response) : answer(body, response)));
});

serveCommands({
  listen: (port: number) => new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(null))),
  durable(value: boolean) {
    isDurable = value;
    return null;
  },
});

process.once("SIGTERM", () => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
  process.exit();
});

function writeThenAnswer(body: string, request: IncomingMessage, response: ServerResponse): void {
  if (position + RECORD_BYTES > FILE_BYTES) position = 0;
  write(fd, Buffer.from(body.padEnd(RECORD_BYTES)), 0, RECORD_BYTES, position, (error) => {
    if (error === null) answer(body, response);
    else request.destroy(error);
  });
  position += RECORD_BYTES;
}

function answer(body: string, response: ServerResponse): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify({ text: (JSON.parse(body) as { text: string }).text }));
}
