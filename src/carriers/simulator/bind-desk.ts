import type { Authenticate } from "../../smpp/net/connection-setup.ts";
import type { SmppConnection } from "../../smpp/net/smpp-connection.ts";
import { COMMAND_STATUS } from "../../smpp/pdu/command-status.ts";
import { encodePdu } from "../../smpp/pdu/encode-pdu.ts";
import type { BindRequest } from "../../smpp/pdu/pdu.ts";
import { NO_TLVS } from "../../smpp/pdu/tlv.ts";
import type { CloseReason } from "../../smpp/session/close-reason.ts";
import type { Accounts } from "./accounts.ts";
import type { Behaviours } from "./behaviours.ts";
import type { Counters } from "./counters.ts";
import type { Account, Deliveries, Delivery } from "./deliveries.ts";
import type { MessageCenter } from "./message-center.ts";
import type { Schedule } from "./schedule.ts";
import type { SimulatedBind } from "./simulated-bind.ts";

/** What deciding about binds needs. */
export interface BindDeskDeps {
  readonly behaviours: () => Behaviours;
  /** Passwords by system id; null lets everybody in. */
  readonly passwords: Readonly<Record<string, string>> | null;
  readonly accounts: Accounts;
  readonly center: MessageCenter;
  readonly deliveries: Deliveries;
  readonly schedule: Schedule;
  readonly counters: Counters;
}

const { ESME_ROK, ESME_RALYBND, ESME_RBINDFAIL, ESME_RINVSYSID, ESME_RINVPASWD } = COMMAND_STATUS;

const KINDS = { bind_transceiver: "trx", bind_transmitter: "tx", bind_receiver: "rx" } as const;

/** Lets clients in or turns them away, and keeps the list of those that are there. */
export class BindDesk {
  readonly #deps: BindDeskDeps;
  readonly #binds = new Set<SimulatedBind>();
  #connections = 0;

  constructor(deps: BindDeskDeps) {
    this.#deps = deps;
  }

  /** Those that are bound, in the order in which they came. */
  get binds(): ReadonlySet<SimulatedBind> {
    return this.#binds;
  }

  readonly authenticate: Authenticate<Delivery> = (request, _peer, connection) => {
    const { behaviours, counters } = this.#deps;
    if (behaviours().enquiresBeforeBind) connection.writeRaw(ENQUIRE_LINK);
    const admission = this.#admit(request);
    if (typeof admission === "number") {
      counters.bindsRefused++;
      return { ok: false, commandStatus: admission };
    }
    counters.binds++;
    return this.#letIn(admission, KINDS[request.command], connection);
  };

  /** The account, or the error to turn the client away with. */
  #admit({ systemId, password, command }: BindRequest): Account | number {
    const { bindStatus, acceptedBinds, maxBinds } = this.#deps.behaviours();
    if (bindStatus !== ESME_ROK) return bindStatus;
    const { passwords, accounts } = this.#deps;
    if (passwords !== null && !Object.hasOwn(passwords, systemId)) return ESME_RINVSYSID;
    if (passwords !== null && passwords[systemId] !== password) return ESME_RINVPASWD;
    const isTransceiver = KINDS[command] === "trx";
    if (acceptedBinds !== "any" && isTransceiver !== (acceptedBinds === "trx")) return ESME_RBINDFAIL;
    const account = accounts.get(systemId);
    if (account === null) return ESME_RBINDFAIL;
    this.#forgetClosed(account);
    if (maxBinds !== null && account.binds.size + account.ghosts >= maxBinds) return ESME_RALYBND;
    return account;
  }

  /** A client that left between its bind and the answer was never told to us as gone. */
  #forgetClosed(account: Account): void {
    for (const bind of account.binds) {
      if (bind.connection.state !== "closed") continue;
      account.binds.delete(bind);
      this.#binds.delete(bind);
    }
  }

  #letIn(
    account: Account,
    kind: SimulatedBind["kind"],
    connection: SmppConnection<Delivery>,
  ): ReturnType<Authenticate<Delivery>> {
    const { center, deliveries, behaviours } = this.#deps;
    const number = ++this.#connections;
    const bind: SimulatedBind = { number, account, kind, connection, submits: 0, isDropped: false };
    this.#binds.add(bind);
    account.binds.add(bind);
    return {
      ok: true,
      windowSize: behaviours().deliverWindow,
      handlers: {
        onOutcomes: (outcomes) => deliveries.takeOutcomes(outcomes),
        onRequests: (requests) => center.take(bind, requests),
        onWindow: () => deliveries.resume(account),
        onClosed: (reason) => this.#remove(bind, reason),
      },
    };
  }

  #remove(bind: SimulatedBind, reason: CloseReason): void {
    const { account } = bind;
    this.#binds.delete(bind);
    account.binds.delete(bind);
    const isOrderly = reason.kind === "unbound-by-peer" || reason.kind === "unbound-by-us";
    const { rememberBindsMs } = this.#deps.behaviours();
    if (isOrderly || rememberBindsMs === 0) return;
    account.ghosts++;
    this.#deps.schedule.after(rememberBindsMs, () => account.ghosts--);
  }
}

const ENQUIRE_LINK = encodePdu({ command: "enquire_link", tlvs: NO_TLVS, commandStatus: 0, sequence: 1 });
