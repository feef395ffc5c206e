import { type Content, countContent } from "../accept/count-content.ts";
import type { CarrierChange, CarrierChanged, CarrierDesk, CarrierReport } from "../api/carrier-desk.ts";
import { type CarrierConfig, parseCarrierUrl, redactCarrierUrl } from "../carriers/carrier-url.ts";
import type { Carrier } from "../carriers/carrier.ts";
import { keepPassword } from "../carriers/kept-password.ts";
import { type CarrierAccount, removedNameSetting } from "../domain/carrier-account.ts";
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
  /** Stops the one of the same id, and starts this one in its place. */
  replace(carrier: Carrier): Promise<void>;
  /** Stops it. */
  remove(id: CarrierId): Promise<void>;
}

interface RosterDeps {
  readonly store: Pick<
    DirectoryStore,
    "listCarriers" | "putCarrier" | "removeCarrier" | "settingOnce" | "getSetting" | "putSetting"
  > &
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

/** Kept from the first carrier on that is not the simulator, and never taken away. */
const REAL_SETTING = "real_carrier";
const ADDED = "added";

export function createCarrierRoster(deps: RosterDeps): CarrierRoster {
  const { store, host, secretBox, clock, ids, logger } = deps;
  const members = new Map<CarrierId, Member>();
  /** Being removed: nothing new is routed to it while the store decides. */
  const leaving = new Set<CarrierId>();
  /** Whether a carrier other than the simulator has ever been added. */
  let isReal = false;
  let isRealKept = false;
  let table = buildRoutingTable([], isReal);
  let turn: Promise<unknown> = Promise.resolve();

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = turn.then(work);
    turn = result.catch(() => {}); // whoever asked for the work hears of its failure
    return result;
  }

  async function reconcile(): Promise<void> {
    const accounts = (await store.listCarriers()).filter(isHere);
    if (!isRealKept) await keepReal(accounts);
    const wanted = new Set(accounts.map(({ id }) => id));
    for (const { account } of members.values()) if (!wanted.has(account.id)) await dismiss(account);
    for (const account of accounts) await engage(account);
    rebuild();
  }

  async function keepReal(accounts: readonly CarrierAccount[]): Promise<void> {
    isReal ||= accounts.some(isRealCarrier) || (await store.getSetting(REAL_SETTING)) !== null;
    if (isReal) await store.settingOnce(REAL_SETTING, ADDED);
    isRealKept = isReal;
  }

  function isHere(account: CarrierAccount): boolean {
    return deps.hasSimulator || isRealCarrier(account);
  }

  /** Starts a carrier, or starts it anew when its account is no longer the one that it was started with. */
  async function engage(account: CarrierAccount): Promise<void> {
    const before = members.get(account.id)?.account;
    if (before?.sealedUrl === account.sealedUrl && before.name === account.name) return;
    isReal ||= isRealCarrier(account);
    const parsed = parseCarrierUrl(secretBox.open(account.sealedUrl));
    if (!parsed.ok) {
      logger.error({ carrier: account.name, error: parsed.reason }, "a stored carrier cannot be used");
      if (before !== undefined) await dismiss(before);
      return;
    }
    const carrier = deps.createCarrier?.(account, parsed.config) ?? null;
    members.set(account.id, { account, config: parsed.config, carrier });
    rebuild(); // one that is changed is routed to all the while: what is accepted waits for it in the store
    if (carrier !== null) await (before === undefined ? host.add(carrier) : host.replace(carrier));
    const what = before === undefined ? "carrier added" : "carrier changed";
    logger.info({ carrier: account.name, kind: account.kind }, what);
  }

  async function dismiss(account: CarrierAccount): Promise<void> {
    members.delete(account.id);
    rebuild();
    await host.remove(account.id);
    logger.info({ carrier: account.name }, "carrier removed");
  }

  function rebuild(): void {
    const routable = [...members.values()].filter(({ account }) => !leaving.has(account.id));
    routable.sort((one, other) => (one.account.id < other.account.id ? -1 : 1)); // by age
    const carriers = routable.map(({ account: { id, name } }) => ({ id, name, types: ["sms"] as const }));
    table = buildRoutingTable(carriers, isReal);
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

  async function change(nameOrId: string, wishes: CarrierChange): Promise<CarrierChanged> {
    const accounts = await store.listCarriers();
    const before = accounts.filter(isHere).find(isNamed(nameOrId));
    if (before === undefined) return { kind: "unknown" };
    if (!isRealCarrier(before)) return { kind: "built_in" };
    const { name = before.name } = wishes;
    const isTaken = accounts.some((other) => other.name === name && other.id !== before.id);
    if (isTaken || name === SIMULATOR_NAME) return { kind: "name_taken" };
    const stored = secretBox.open(before.sealedUrl);
    const read = keepPassword(wishes.url ?? stored, stored);
    if (!read.ok) return badUrl(read.reason);
    const account: CarrierAccount = {
      ...before,
      name,
      kind: read.config.kind,
      // sealed anew it would look like another URL, and all nodes would bind anew
      sealedUrl: read.url === stored ? before.sealedUrl : secretBox.seal(read.url),
      tmUpdate: clock.now(),
    };
    const { queue } = await report(before);
    if (!(await store.putCarrier(account, before))) return { kind: "changed_meanwhile" };
    // From here on the store is not asked, so that no failure of it makes a lie of the answer.
    await engage(account);
    return { kind: "changed", report: reportOf(account, queue) };
  }

  async function withdraw(account: CarrierAccount, force: boolean): Promise<boolean> {
    leaving.add(account.id);
    rebuild();
    try {
      await store.putSetting(removedNameSetting(account.id), account.name);
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
        const read = keepPassword(url, null);
        if (!read.ok) return badUrl(read.reason);
        if (name === SIMULATOR_NAME) return { kind: "name_taken" };
        const account = newAccount(name, read.url, read.config.kind);
        if (!(await store.putCarrier(account))) return { kind: "name_taken" };
        // It is stored: from here on the store is not asked, so that no failure of it makes a lie of the answer.
        await engage(account);
        return { kind: "added", report: reportOf(account, null) };
      }),
    change: (nameOrId, wishes) => inTurn(() => change(nameOrId, wishes)),
    remove: (nameOrId, force) =>
      inTurn(async () => {
        const account = (await store.listCarriers()).find(isNamed(nameOrId));
        if (account === undefined) return { kind: "unknown" };
        const reported = await report(account);
        if (!(await withdraw(account, force))) return { kind: "in_use", queue: reported.queue };
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

function isNamed(nameOrId: string): (account: CarrierAccount) => boolean {
  return ({ id, name }) => id === nameOrId || name === nameOrId;
}

function badUrl(reason: string): { readonly kind: "bad_url"; readonly message: string } {
  return { kind: "bad_url", message: `cannot be right: ${reason}` };
}

function isRealCarrier({ name }: CarrierAccount): boolean {
  return name !== SIMULATOR_NAME;
}
