import { type Content, countContent } from "../accept/count-content.ts";
import type { CarrierDesk, CarrierReport } from "../api/carrier-desk.ts";
import { type CarrierConfig, parseCarrierUrl, redactCarrierUrl } from "../carriers/carrier-url.ts";
import type { Carrier } from "../carriers/carrier.ts";
import type { CarrierAccount } from "../domain/carrier-account.ts";
import type { Clock } from "../domain/clock.ts";
import type { CarrierId, Ids } from "../domain/ids.ts";
import type { Logger } from "../domain/logger.ts";
import type { SecretBox } from "../domain/secret-box.ts";
import { DEFAULT_TEXT_PROFILE, type TextProfile } from "../gsm/text-profile.ts";
import { buildRoutingTable, type RouteQuery, routeTarget, SIMULATOR_NAME } from "../routing/routing.ts";
import type { DirectoryStore } from "../store/directory.ts";
import type { QueueDepth, QueueStore } from "../store/queueing.ts";

/** The dispatcher, as far as carriers coming and going concern it. */
export interface CarrierHost {
  /** Starts it and sends what is queued at it. */
  add(carrier: Carrier): void;
  /** Stops it. */
  remove(id: CarrierId): Promise<void>;
}

interface RosterDeps {
  readonly store: Pick<DirectoryStore, "listCarriers" | "putCarrier" | "removeCarrier"> &
    Pick<QueueStore, "queueDepths">;
  readonly host: CarrierHost;
  /** Null in a process that only routes and counts parts, and leaves sending to others. */
  readonly createCarrier: ((account: CarrierAccount, config: CarrierConfig) => Carrier) | null;
  readonly secretBox: SecretBox;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** Whether the simulator runs in this process: without it its account is as if it were not there. */
  readonly hasSimulator: boolean;
}

/** The carriers at work in this process, kept in line with the accounts in the store. */
export interface CarrierRoster extends CarrierDesk {
  /** Starts, restarts and stops carriers until they are those that the store has; calls take their turn. */
  refresh(): Promise<void>;
  /** Sees to it that the simulator's account is in the store and leads to this URL. */
  putSimulator(url: string): Promise<void>;
  carriers(): readonly Carrier[];
  route(query: RouteQuery): readonly CarrierId[];
  profileOf(id: CarrierId): TextProfile;
  nameOf(id: CarrierId): string;
  /** Parts of a content at a carrier; null when it cannot take it or is gone. */
  countParts(content: Content, id: CarrierId): number | null;
}

interface Member {
  readonly account: CarrierAccount;
  readonly config: CarrierConfig;
  readonly carrier: Carrier | null;
}

export function createCarrierRoster(deps: RosterDeps): CarrierRoster {
  const { store, host, secretBox, clock, ids, logger } = deps;
  const members = new Map<CarrierId, Member>();
  /** Being removed: nothing new is routed to it while the store decides. */
  const leaving = new Set<CarrierId>();
  let table = buildRoutingTable([]);
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => {}); // whoever asked for the work hears of its failure
    return result;
  }

  async function reconcile(): Promise<void> {
    const accounts = (await store.listCarriers()).filter(isHere);
    const wanted = new Map(accounts.map((account) => [account.id, account]));
    for (const { account } of members.values()) {
      if (wanted.get(account.id)?.sealedUrl !== account.sealedUrl) await dismiss(account);
    }
    for (const account of accounts) if (!members.has(account.id)) engage(account);
    rebuild();
  }

  function isHere({ name }: CarrierAccount): boolean {
    return deps.hasSimulator || name !== SIMULATOR_NAME;
  }

  function engage(account: CarrierAccount): void {
    const parsed = parseCarrierUrl(secretBox.open(account.sealedUrl));
    if (!parsed.ok) {
      logger.error({ carrier: account.name, error: parsed.reason }, "a stored carrier cannot be used");
      return;
    }
    const carrier = deps.createCarrier?.(account, parsed.config) ?? null;
    members.set(account.id, { account, config: parsed.config, carrier });
    if (carrier !== null) host.add(carrier);
    logger.info({ carrier: account.name, kind: account.kind }, "carrier added");
  }

  async function dismiss(account: CarrierAccount): Promise<void> {
    members.delete(account.id);
    rebuild();
    await host.remove(account.id);
    logger.info({ carrier: account.name }, "carrier removed");
  }

  function rebuild(): void {
    const routable = [...members.values()].filter(({ account }) => !leaving.has(account.id));
    table = buildRoutingTable(routable.map(({ account: { id, name } }) => ({ id, name, types: ["sms"] })));
  }

  function newAccount(name: string, url: string, kind: string): CarrierAccount {
    const now = clock.now();
    const id = ids.at(now) as CarrierId; // branded where it is made
    return { id, name, kind, sealedUrl: secretBox.seal(url), tmCreate: now, tmUpdate: null };
  }

  async function report(account: CarrierAccount): Promise<CarrierReport> {
    const [reported] = await reports([account]);
    if (reported === undefined) throw new Error("a carrier has no report");
    return reported;
  }

  async function reports(accounts: readonly CarrierAccount[]): Promise<readonly CarrierReport[]> {
    const depths = new Map((await store.queueDepths()).map((depth) => [depth.carrierId, depth]));
    return accounts.map((account) => reportOf(account, depths.get(account.id) ?? null));
  }

  function reportOf({ sealedUrl, ...account }: CarrierAccount, queue: QueueDepth | null): CarrierReport {
    return {
      account,
      shownUrl: redactCarrierUrl(secretBox.open(sealedUrl)),
      health: members.get(account.id)?.carrier?.health() ?? null,
      queue,
    };
  }

  async function withdraw(account: CarrierAccount, force: boolean): Promise<boolean> {
    leaving.add(account.id);
    rebuild();
    try {
      return await store.removeCarrier(account.id, force);
    } finally {
      leaving.delete(account.id);
      rebuild();
    }
  }

  return {
    refresh: () => inTurn(reconcile),
    async list() {
      return reports((await store.listCarriers()).filter(isHere));
    },
    add: (name, url) =>
      inTurn(async () => {
        const parsed = parseCarrierUrl(url);
        if (!parsed.ok) return { kind: "bad_url", message: `cannot be right: ${parsed.reason}` };
        if (name === SIMULATOR_NAME) return { kind: "name_taken" };
        const account = newAccount(name, url, parsed.config.kind);
        if (!(await store.putCarrier(account))) return { kind: "name_taken" };
        // It is stored: from here on the store is not asked, so that no failure of it makes a lie of the answer.
        engage(account);
        rebuild();
        return { kind: "added", report: reportOf(account, null) };
      }),
    remove: (nameOrId, force) =>
      inTurn(async () => {
        const account = (await store.listCarriers()).find(
          ({ id, name }) => id === nameOrId || name === nameOrId,
        );
        if (account === undefined) return { kind: "unknown" };
        const reported = await report(account);
        if (!(await withdraw(account, force))) return { kind: "in_use" };
        if (members.has(account.id)) await dismiss(account);
        return { kind: "removed", report: reported };
      }),
    putSimulator: (url) =>
      inTurn(async () => {
        const known = (await store.listCarriers()).find(({ name }) => name === SIMULATOR_NAME);
        if (known !== undefined && secretBox.open(known.sealedUrl) === url) return;
        const account = newAccount(SIMULATOR_NAME, url, "smpp");
        await store.putCarrier(
          known === undefined ? account : { ...account, id: known.id, tmCreate: known.tmCreate },
        );
      }),
    carriers: () => [...members.values()].flatMap(({ carrier }) => carrier ?? []),
    route: (query) => routeTarget(query, table),
    profileOf: (id) => members.get(id)?.config.profile ?? DEFAULT_TEXT_PROFILE,
    nameOf: (id) => members.get(id)?.account.name ?? "removed",
    countParts(content, id) {
      const member = members.get(id);
      const count = member === undefined ? null : countContent(content, member.config.profile);
      return count?.ok === true ? count.parts : null;
    },
  };
}
