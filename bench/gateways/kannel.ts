import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gateway, Setting } from "./gateway.ts";
import { run, type Running, untilPortOpen } from "./running.ts";

const BEARERBOX = "/usr/sbin/bearerbox";
const SMSBOX = "/usr/sbin/smsbox";
const ADMIN_PORT = 13_000;
const BOX_PORT = 13_001;
const SEND_PORT = 13_013;
/** Delivered or failed at the handset, and what the SMSC rejects or buffers: Kannel's mask for final statuses only is 1 + 2. */
const FINAL_STATUSES = 3;
const SETTLE_MS = 1_500;
/** Without it both boxes dump every PDU to stderr, which costs them more than the message does. */
const QUIET = ["-v", "4"];

/** Whether Debian's package is installed. */
export function hasKannel(): boolean {
  return existsSync(BEARERBOX) && existsSync(SMSBOX);
}

/** Kannel with its file store: bearerbox and smsbox. */
export async function startKannel(setting: Setting): Promise<Gateway> {
  const directory = await mkdtemp(join(tmpdir(), "msgbin-bench-kannel-"));
  const config = join(directory, "kannel.conf");
  await writeFile(config, configuration(directory, setting));
  let bearerbox = run(BEARERBOX, [...QUIET, config]);
  await untilPortOpen(ADMIN_PORT);
  await untilPortOpen(BOX_PORT);
  let smsbox: Running = run(SMSBOX, [...QUIET, config]);
  await untilPortOpen(SEND_PORT);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS)); // the boxes tell nobody when they have found each other
  return {
    name: "kannel",
    pids: () => [bearerbox.pid, smsbox.pid],
    submission: () => ({ port: SEND_PORT, method: "GET", path: sendPath(setting), headers: {}, body: "" }),
    kill: () => bearerbox.end("SIGKILL"),
    async restart() {
      bearerbox = run(BEARERBOX, [...QUIET, config]);
      await untilPortOpen(BOX_PORT);
      await smsbox.end("SIGKILL");
      smsbox = run(SMSBOX, [...QUIET, config]);
    },
    async stop() {
      await smsbox.end("SIGKILL");
      await bearerbox.end("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function sendPath({ callbacks, sinkPort }: Setting): string {
  const text = "M{seq}+your+verification+code+is+493022.+It+expires+in+10+minutes.";
  const path = `/cgi-bin/sendsms?username=bench&password=bench&from=12345&to={to}&text=${text}`;
  if (!callbacks) return path;
  const callback = encodeURIComponent(`http://127.0.0.1:${sinkPort}/dlr?type=%d&seq=`);
  return `${path}&dlr-mask=${FINAL_STATUSES}&dlr-url=${callback}{seq}`;
}

function configuration(directory: string, { smscPort, window }: Setting): string {
  return [
    group("core", {
      "admin-port": ADMIN_PORT,
      "admin-interface": "127.0.0.1",
      "admin-password": "bench",
      "smsbox-port": BOX_PORT,
      "box-deny-ip": '"*.*.*.*"',
      "box-allow-ip": '"127.0.0.1"',
      "log-file": `"${directory}/bearerbox.log"`,
      "log-level": 3,
      "dlr-storage": "internal",
      "store-type": "file",
      "store-location": `"${directory}/kannel.store"`,
      "sms-outgoing-queue-limit": 5_000_000,
      "sms-incoming-queue-limit": 5_000_000,
      "sms-resend-freq": 1,
    }),
    group("smsc", {
      smsc: "smpp",
      "smsc-id": "bench",
      host: "127.0.0.1",
      port: smscPort,
      "transceiver-mode": "true",
      "smsc-username": '"bench"',
      "smsc-password": '"bench"',
      "system-type": '""',
      "interface-version": 34,
      "max-pending-submits": window,
      "reconnect-delay": 1,
      "source-addr-ton": 1,
      "source-addr-npi": 1,
      "dest-addr-ton": 1,
      "dest-addr-npi": 1,
    }),
    group("smsbox", {
      "smsbox-id": "bench",
      "bearerbox-host": "127.0.0.1",
      "sendsms-port": SEND_PORT,
      "sendsms-interface": "127.0.0.1",
      "log-file": `"${directory}/smsbox.log"`,
      "log-level": 3,
      "max-pending-requests": 512,
    }),
    group("sendsms-user", { username: "bench", password: "bench", "max-messages": 1 }),
    group("sms-service", { keyword: "default", text: '""', "max-messages": 0 }),
  ].join("\n");
}

function group(name: string, settings: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `group = ${name}\n${lines.join("")}`;
}
