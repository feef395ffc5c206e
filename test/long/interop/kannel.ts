import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, freePort } from "../../support/service.ts";
import { run } from "./running.ts";

const READY_WITHIN_MS = 30_000;

/** A Kannel of two processes that is bound to an SMSC. */
export interface Kannel {
  /** Asks it to send; answers what it said. */
  sendSms(parameters: Readonly<Record<string, string>>): Promise<{ status: number; text: string }>;
  /** Unbinds; both processes are gone when it resolves. Again does nothing. */
  stop(): Promise<void>;
}

interface Ports {
  readonly smsc: number;
  readonly admin: number;
  readonly boxes: number;
  readonly sendSms: number;
}

/** Starts Kannel as a client of the SMSC on a port; what handsets write is told to `receiverUrl`, see `readMo`. */
export async function startKannel(smscPort: number, receiverUrl: string): Promise<Kannel> {
  const folder = await mkdtemp(join(tmpdir(), "msgbin-kannel-"));
  const file = join(folder, "kannel.conf");
  const ports = {
    smsc: smscPort,
    admin: await freePort(),
    boxes: await freePort(),
    sendSms: await freePort(),
  };
  await writeFile(file, configuration(ports, receiverUrl));
  const bearerbox = await run("/usr/sbin/bearerbox", [file]);
  await untilListening(ports.boxes);
  const smsbox = await run("/usr/sbin/smsbox", [file]);
  await untilListening(ports.sendSms);
  return {
    async sendSms(parameters) {
      const query = new URLSearchParams({ username: "test", password: "test", ...parameters });
      const answer = await fetch(`http://127.0.0.1:${ports.sendSms}/cgi-bin/sendsms?${query.toString()}`);
      return { status: answer.status, text: await answer.text() };
    },
    async stop() {
      await smsbox.stop("SIGTERM");
      await bearerbox.stop("SIGTERM");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The text in an address that Kannel asked for on behalf of a handset: coding 2 is UTF-16, an octet a character. */
export function readMo({ pathname, searchParams }: URL): string | null {
  if (pathname !== "/mo") return null;
  const text = searchParams.get("text") ?? "";
  return searchParams.get("coding") === "2" ? Buffer.from(text, "latin1").swap16().toString("utf16le") : text;
}

async function untilListening(port: number): Promise<void> {
  const isListening = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
  await eventually(isListening, (is) => is, READY_WITHIN_MS);
}

function configuration(ports: Ports, receiverUrl: string): string {
  return `
group = core
admin-port = ${ports.admin}
admin-password = test
admin-interface = 127.0.0.1
smsbox-port = ${ports.boxes}
smsbox-interface = 127.0.0.1
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = ${ports.smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
interface-version = 34
enquire-link-interval = 1
reconnect-delay = 1
source-addr-autodetect = true
dest-addr-ton = 1
dest-addr-npi = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${ports.sendSms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = test
password = test
max-messages = 10
concatenation = true

group = sms-service
keyword = default
get-url = "${receiverUrl}/mo?from=%p&to=%P&text=%b&coding=%c"
max-messages = 0
`;
}
