import { deliverSm, submitSm } from "../pdu/pdu-defaults.ts";
import type { IncomingRequest } from "../session/incoming-request.ts";
import { answerAll, ConnectionRecorder } from "./connection-recorder.fixture.ts";
import type { BindDecision } from "./connection-setup.ts";
import { type ClientOptions, connectSmpp } from "./smpp-client.ts";
import type { SmppConnection } from "./smpp-connection.ts";
import { type ServerOptions, SmppServer } from "./smpp-server.ts";

export const SUBMIT = submitSm({ destination: { ton: 1, npi: 1, address: "46701234567" } });
export const DELIVER = deliverSm({ source: { ton: 1, npi: 1, address: "46701234567" } });
export const CREDENTIALS = { command: "bind_transceiver", systemId: "msgbin", password: "secret" } as const;

/** A server that listens, and a client of it, each with its recorder. */
export interface SmppPair extends AsyncDisposable {
  readonly server: SmppServer<string>;
  readonly port: number;
  readonly errors: unknown[];
  /** Sees the server's side of every client. */
  readonly served: ConnectionRecorder;
  readonly clients: readonly ConnectionRecorder[];
  connect(options?: Partial<ClientOptions>): { recorder: ConnectionRecorder; client: SmppConnection<string> };
  /** Connects and waits until bound. */
  bind(
    options?: Partial<ClientOptions>,
  ): Promise<{ recorder: ConnectionRecorder; client: SmppConnection<string> }>;
}

export interface PairOptions extends Partial<ServerOptions<string>> {
  /** What the server does with requests; answers them unless told otherwise. */
  readonly serve?: (requests: readonly IncomingRequest[], connection: SmppConnection<string>) => void;
  readonly decision?: Partial<BindDecision<string>>;
}

/** Starts a server on a free port of the loopback; disposing of it closes all. */
export async function startPair(options: PairOptions = {}): Promise<SmppPair> {
  const { serve = answerAll, decision = {}, ...serverOptions } = options;
  const served = new ConnectionRecorder(serve);
  const errors: unknown[] = [];
  const clients: { readonly recorder: ConnectionRecorder; readonly client: SmppConnection<string> }[] = [];
  const server = new SmppServer<string>({
    host: "127.0.0.1",
    port: 0,
    systemId: "SMSC",
    // The parts of a decision that a test gives fit together.
    authenticate: () => ({ ok: true, handlers: served, ...decision }) as BindDecision<string>,
    onError: (error) => errors.push(error),
    ...serverOptions,
  });
  const { port } = await server.listen();
  const connect: SmppPair["connect"] = (given = {}) => {
    const recorder = new ConnectionRecorder(answerAll);
    const client = connectSmpp({ host: "127.0.0.1", port, bind: CREDENTIALS, ...given }, recorder);
    clients.push({ recorder, client });
    return { recorder, client };
  };
  return {
    server,
    port,
    errors,
    served,
    clients: clients.map(({ recorder }) => recorder),
    connect,
    async bind(given) {
      const made = connect(given);
      await made.recorder.until(() => made.recorder.bound !== undefined);
      return made;
    },
    async [Symbol.asyncDispose]() {
      for (const { client } of clients) client.destroy();
      await server.destroy();
      for (const { recorder } of clients) await recorder.until(() => recorder.closed !== undefined);
    },
  };
}
