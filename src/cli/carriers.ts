import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { CommandFailure } from "./command-failure.ts";
import type { ServiceClient } from "./service-client.ts";
import { addServiceFlags, connect, type ServiceOptions, show } from "./service-command.ts";
import type { Surroundings } from "./surroundings.ts";
import { renderTable } from "./text-table.ts";

interface CarrierAnswer {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly health: {
    readonly state: string;
    readonly detail: string;
    readonly lanes: number;
    readonly window_used: number;
    readonly window_size: number;
  } | null;
  readonly queue: { readonly waiting: number; readonly in_flight: number; readonly held: number };
}

const CARRIERS_PATH = "/v1.0/carriers";
/** A carrier that is there answers within that; one whose address leads nowhere says nothing for longer. */
const TRIED_WITHIN_MS = 5_000;
const LOOK_MS = 100;

const URL_FORM = `
A carrier's URL says everything: who we are there, where it is, and how to speak to it.
  smpp://SYSTEM_ID:PASSWORD@HOST:2775?bind=trx&window=50&tps=100
  smpps://…  the same over TLS
docs/carriers.md has every key.`;

const EXAMPLES = `${URL_FORM}

Examples:
  msgbin carriers
  msgbin carriers add acme 'smpp://id:secret@smsc.acme.example:2775?window=20'
  msgbin carriers change acme 'smpp://id:***@smsc.acme.example:2775?window=50'
  msgbin carriers remove acme`;

/** `msgbin carriers`: the operator's accounts at carriers; for administrators. */
export function carriersCommand(surroundings: Surroundings): Command {
  return new Command("carriers")
    .description("Add, list, change and remove carriers (administrators only).")
    .addCommand(listCommand(surroundings))
    .addCommand(addCommand(surroundings))
    .addCommand(changeCommand(surroundings))
    .addCommand(removeCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list").description("List the carriers and how they are doing.");
  return addServiceFlags(command, "an array of carriers").action(async (options: ServiceOptions) => {
    const client = await connect(options, surroundings);
    show(await listCarriers(client), options, renderCarriers, surroundings);
  });
}

async function listCarriers(client: ServiceClient): Promise<readonly CarrierAnswer[]> {
  return (await client.call<{ result: CarrierAnswer[] }>("GET", CARRIERS_PATH)).result;
}

/** What a carrier says for itself may be long, so it comes last. */
function renderCarriers(carriers: readonly CarrierAnswer[]): string {
  const rows = carriers.map(({ name, health, queue, url }) => [
    name,
    health?.state ?? "elsewhere",
    health === null ? "" : `${health.window_used}/${health.window_size}`,
    String(queue.waiting),
    String(queue.in_flight),
    String(queue.held),
    withoutCertificates(url),
    health?.detail ?? "",
  ]);
  return renderTable(["NAME", "STATE", "WINDOW", "WAITING", "IN FLIGHT", "HELD", "URL", ""], rows);
}

/** A certificate is longer than all the rest of a table; `--json` has it. */
function withoutCertificates(url: string): string {
  return url.replace(/(?<=[?&]ca=)[^&]+/, "…");
}

/** Shows a carrier once it is up or has said why not, so that a wrong password is seen at once; scripts do not wait. */
async function showTried(
  carrier: CarrierAnswer,
  client: ServiceClient,
  options: ServiceOptions,
  surroundings: Surroundings,
): Promise<void> {
  const tried = options.json === true ? carrier : await whenTried(carrier, client, surroundings.signal);
  show(tried, options, (one) => renderCarriers([one]), surroundings);
}

async function whenTried(
  first: CarrierAnswer,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<CarrierAnswer> {
  const deadline = performance.now() + TRIED_WITHIN_MS;
  let carrier = first;
  while (carrier.health?.state === "connecting" && performance.now() < deadline) {
    await pause(LOOK_MS, undefined, { signal });
    const carriers = await listCarriers(client);
    carrier = carriers.find(({ id }) => id === first.id) ?? carrier;
  }
  return carrier;
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a carrier; it connects at once.")
    .argument("<NAME>", "lower case letters, digits and hyphens")
    .argument("<URL>", "the carrier's URL, see below")
    .addHelpText("after", URL_FORM);
  return addServiceFlags(command, "the carrier, without waiting for it to connect,").action(
    async (name: string, url: string, options: ServiceOptions) => {
      const client = await connect(options, surroundings);
      const carrier = await client.call<CarrierAnswer>("POST", CARRIERS_PATH, { name, url });
      await showTried(carrier, client, options, surroundings);
    },
  );
}

const CHANGE_FORM = `${URL_FORM}

The URL is the whole of it: keys that are left out get their defaults. *** in place of the password, as
\`msgbin carriers\` shows it, keeps the stored one where scheme, host, port and system id stay.`;

interface ChangeOptions extends ServiceOptions {
  readonly name?: string;
}

function changeCommand(surroundings: Surroundings): Command {
  const command = new Command("change")
    .description(
      "Change a carrier's URL or name; what waits for it and its receipts stay, and it connects anew.",
    )
    .argument("<NAME>", "the carrier's name or id")
    .argument("[URL]", "its new URL, see below")
    .option("--name <NAME>", "its new name: lower case letters, digits and hyphens")
    .addHelpText("after", CHANGE_FORM);
  return addServiceFlags(command, "the carrier, without waiting for it to connect,").action(
    async (nameOrId: string, url: string | undefined, options: ChangeOptions) => {
      const { name } = options;
      if (url === undefined && name === undefined)
        throw new CommandFailure("usage", "a URL or --name must say what is to change");
      const client = await connect(options, surroundings);
      const change = { ...(url !== undefined && { url }), ...(name !== undefined && { name }) };
      const carrier = await client.call<CarrierAnswer>("PUT", pathOf(nameOrId), change);
      await showTried(carrier, client, options, surroundings);
    },
  );
}

function removeCommand(surroundings: Surroundings): Command {
  const command = new Command("remove")
    .description("Remove a carrier; refused while targets are queued at it or wait for its receipts.")
    .argument("<NAME>", "the carrier's name or id")
    .option("--force", "remove it all the same: what waits goes to the next carrier, or fails");
  return addServiceFlags(command, "the carrier").action(
    async (nameOrId: string, options: ServiceOptions & { readonly force?: true }) => {
      const client = await connect(options, surroundings);
      const path = `${pathOf(nameOrId)}${options.force === true ? "?force=true" : ""}`;
      const carrier = await client.call<CarrierAnswer>("DELETE", path);
      show(carrier, options, ({ name }) => `removed ${name}\n`, surroundings);
    },
  );
}

function pathOf(nameOrId: string): string {
  return `${CARRIERS_PATH}/${encodeURIComponent(nameOrId)}`;
}
