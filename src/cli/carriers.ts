import { Command } from "commander";
import { openServiceClient } from "./service-client.ts";
import { addSettingFlags, CLIENT_SETTINGS, readConfig } from "./setting-flags.ts";
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

interface OutputOptions {
  readonly json?: true;
}

const URL_FORM = `
A carrier's URL says everything: who we are there, where it is, and how to speak to it.
  smpp://SYSTEM_ID:PASSWORD@HOST:2775?bind=trx&window=50&tps=100
  smpps://…  the same over TLS
docs/carriers.md has every key.`;

const EXAMPLES = `${URL_FORM}

Examples:
  msgbin carriers
  msgbin carriers add acme 'smpp://id:secret@smsc.acme.example:2775?window=20'
  msgbin carriers remove acme`;

/** `msgbin carriers`: the operator's accounts at carriers; for administrators. */
export function carriersCommand(surroundings: Surroundings): Command {
  return new Command("carriers")
    .description("Add, list and remove carriers (administrators only).")
    .addCommand(listCommand(surroundings), { isDefault: true })
    .addCommand(addCommand(surroundings))
    .addCommand(removeCommand(surroundings))
    .addHelpText("after", EXAMPLES);
}

function listCommand(surroundings: Surroundings): Command {
  const command = new Command("list")
    .description("List the carriers and how they are doing.")
    .option("--json", "print a JSON array of carriers");
  return addSettingFlags(command, CLIENT_SETTINGS).action(async (options: OutputOptions) => {
    const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
    const { result } = await client.call<{ result: CarrierAnswer[] }>("GET", "/v1.0/carriers");
    surroundings.stdout.write(options.json === true ? `${JSON.stringify(result)}\n` : renderCarriers(result));
  });
}

function renderCarriers(carriers: readonly CarrierAnswer[]): string {
  const rows = carriers.map(({ name, health, queue, url }) => [
    name,
    health === null ? "elsewhere" : [health.state, health.detail].filter((words) => words !== "").join(": "),
    health === null ? "" : `${health.window_used}/${health.window_size}`,
    String(queue.waiting),
    String(queue.in_flight),
    String(queue.held),
    url,
  ]);
  return renderTable(["NAME", "STATE", "WINDOW", "WAITING", "IN FLIGHT", "HELD", "URL"], rows);
}

function addCommand(surroundings: Surroundings): Command {
  const command = new Command("add")
    .description("Add a carrier; it connects at once.")
    .argument("<NAME>", "lower case letters, digits and hyphens")
    .argument("<URL>", "the carrier's URL, see below")
    .option("--json", "print the carrier as JSON")
    .addHelpText("after", URL_FORM);
  return addSettingFlags(command, CLIENT_SETTINGS).action(
    async (name: string, url: string, options: OutputOptions) => {
      const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
      const carrier = await client.call<CarrierAnswer>("POST", "/v1.0/carriers", { name, url });
      surroundings.stdout.write(
        options.json === true ? `${JSON.stringify(carrier)}\n` : renderCarriers([carrier]),
      );
    },
  );
}

function removeCommand(surroundings: Surroundings): Command {
  const command = new Command("remove")
    .description("Remove a carrier; refused while something waits for it.")
    .argument("<NAME>", "the carrier's name or id")
    .option("--force", "remove it all the same: what waits goes to the next carrier, or fails")
    .option("--json", "print the carrier as JSON");
  return addSettingFlags(command, CLIENT_SETTINGS).action(
    async (name: string, options: OutputOptions & { readonly force?: true }) => {
      const client = await openServiceClient(readConfig({ ...options }, surroundings), surroundings.signal);
      const path = `/v1.0/carriers/${encodeURIComponent(name)}${options.force === true ? "?force=true" : ""}`;
      const carrier = await client.call<CarrierAnswer>("DELETE", path);
      surroundings.stdout.write(
        options.json === true ? `${JSON.stringify(carrier)}\n` : `removed ${carrier.name}\n`,
      );
    },
  );
}
