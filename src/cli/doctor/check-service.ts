import { createConnection } from "node:net";
import type { Config } from "../../config/config.ts";
import { CommandFailure } from "../command-failure.ts";
import { openServiceClient, reasonOf, type ServiceClient } from "../service-client.ts";
import { checkWebhooks } from "./check-webhooks.ts";
import { doubtful, type Finding, good, wrong } from "./finding.ts";

const CONNECT_TIMEOUT_MS = 2_000;
/** The system chooses one. */
const ANY_PORT = 0;
const CLOCK_APART_MS = 5_000;

interface CarrierHealth {
  readonly name: string;
  readonly health: { readonly state: string; readonly detail: string } | null;
  readonly queue: { readonly waiting: number; readonly held: number };
}

/** What the service says of itself: the one that the settings name, else the one of the data directory. */
export async function* checkService(config: Config, signal: AbortSignal): AsyncGenerator<Finding> {
  const client = await reach(config, signal);
  if (!("call" in client)) return yield client;
  const ready = await checkReady(client.url, signal);
  yield* ready;
  if (ready.some(({ state }) => state === "wrong")) return;
  yield* await asked("carriers", () => checkCarriers(client));
  yield* await asked("webhooks", () => checkWebhooks(client));
}

async function reach(config: Config, signal: AbortSignal): Promise<ServiceClient | Finding> {
  try {
    return await openServiceClient(config, signal);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const kind = error instanceof CommandFailure ? error.kind : "failed";
    if (kind === "usage") throw error; // a setting that is wrong ends the command, as it ends every other one
    if (kind === "unreachable") return noneRuns(config.listen);
    return wrong("service", `cannot be asked: ${error.message}`, "see to that first");
  }
}

/** The data directory says that none runs; where it would listen, as far as the settings tell here. */
async function noneRuns({ host, port }: Config["listen"]): Promise<Finding> {
  const place = `port ${port} of ${host}`;
  if (await isTaken(host, port))
    return wrong(
      "service",
      `none runs on this data directory, and something else listens on ${place}`,
      "stop it, or choose another port with MSGBIN_PORT",
    );
  return wrong(
    "service",
    port === ANY_PORT
      ? "none runs"
      : `none runs; ${place}, where it would listen with these settings, is free`,
    "start it with `msgbin serve`, or name another with MSGBIN_URL and MSGBIN_TOKEN",
  );
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const answer = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
  });
}

async function checkReady(url: string, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    const asked = Date.now();
    const answer = await fetch(`${url}/readyz`, { signal });
    const { checks } = (await answer.json()) as { readonly checks: Readonly<Record<string, string>> }; // our own route
    const words = Object.entries(checks).map(([name, state]) => `${name} ${state}`);
    if (!answer.ok)
      return [
        wrong(
          "service",
          `${url} is not ready: ${words.join(", ")}`,
          "see its log; a full disk heals by itself",
        ),
      ];
    return [good("service", `${url} is ready: ${words.join(", ")}`), ...checkTime(answer, asked)];
  } catch (error) {
    return [wrong("service", `no answer from ${url}: ${reasonOf(error)}`, "start it with `msgbin serve`")];
  }
}

/** A service elsewhere has a clock of its own, which its tokens and times go by. */
function checkTime(answer: Response, askedMs: number): readonly Finding[] {
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs) || Math.abs(theirs - askedMs) < CLOCK_APART_MS) return [];
  const apart = `${Math.round((theirs - askedMs) / 1_000)} s apart from this machine's`;
  return [doubtful("service's clock", apart, "set both clocks by a time server")];
}

async function asked(what: string, ask: () => Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return [doubtful(what, error.message, "use the token of an administrator")];
  }
}

async function checkCarriers(client: ServiceClient): Promise<readonly Finding[]> {
  const { result } = await client.call<{ result: CarrierHealth[] }>("GET", "/v1.0/carriers");
  if (result.length === 0)
    return [doubtful("carriers", "there are none", "add one: `msgbin carriers add --help`")];
  return result.map(({ name, health, queue }) => {
    const what = `carrier ${name}`;
    const state =
      health === null
        ? "served elsewhere"
        : [health.state, health.detail].filter((words) => words !== "").join(": ");
    const found = `${state}; ${queue.waiting} waiting, ${queue.held} held`;
    if (health !== null && ["connecting", "throttled"].includes(health.state))
      return doubtful(what, found, "look again in a minute");
    if (health?.state === "silent")
      return wrong(what, found, "ask the carrier: it accepts our binds and answers no message");
    if (health !== null && health.state !== "up")
      return wrong(what, found, "check its URL and that the carrier lets this address in");
    if (queue.held > 0)
      return doubtful(what, found, `see what is held, and why: msgbin held list --carrier ${name}`);
    return good(what, found);
  });
}
