import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { checkSessionOptions } from "../session/session-options.ts";
import { type Authenticate, type ConnectionTerms, sessionOptions } from "./connection-setup.ts";
import { SmppConnection } from "./smpp-connection.ts";

/** Our certificate, and whom to ask for theirs. */
export type ServerTls = Pick<TlsOptions, "ca" | "cert" | "key" | "requestCert" | "rejectUnauthorized">;

/** Where to listen and whom to let in. */
export interface ServerOptions<Context> extends ConnectionTerms {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly tls?: ServerTls;
  /** Our name in bind_resp. */
  readonly systemId: string;
  /** Connections beyond it are closed as they come. */
  readonly maxConnections?: number;
  readonly authenticate: Authenticate<Context>;
  /** `authenticate` failed, and its client was refused with ESME_RSYSERR; or a connection could not be accepted. */
  readonly onError: (error: unknown) => void;
  /** A connection was closed because there were too many. */
  readonly onDropped?: () => void;
}

const MAX_CONNECTIONS = 1_000;
const KEEP_ALIVE_PROBE_MS = 60_000;

/** Accepts SMPP connections and lets in those that may; each goes its own way from there. */
export class SmppServer<Context> {
  readonly #options: ServerOptions<Context>;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Set<SmppConnection<Context>>();
  #isStopping = false;

  /** Throws RangeError when a session option is out of its limits. */
  constructor(options: ServerOptions<Context>) {
    checkSessionOptions(sessionOptions(options.session));
    this.#options = options;
    this.#server = this.#createServer();
    this.#server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
    this.#server.on("drop", () => options.onDropped?.());
    this.#server.on("connection", (socket) => this.#track(socket));
  }

  /** All that are open, bound or not. */
  get connections(): ReadonlySet<SmppConnection<Context>> {
    return this.#connections;
  }

  /** Resolves with the port when it listens; rejects with the system's error (`EADDRINUSE`). */
  async listen(): Promise<{ readonly port: number }> {
    const { host, port } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject);
    this.#server.listen({ host, port }, () => resolve());
    await promise;
    this.#server.off("error", reject);
    // From here on it is accept() that fails, for want of descriptors, and it goes on by itself.
    this.#server.on("error", this.#options.onError);
    // A server that listens on TCP has an AddressInfo; only a pipe's is a string.
    return { port: (this.#server.address() as AddressInfo).port };
  }

  /** Takes no new connections, unbinds the others and waits until they are closed. */
  close(): Promise<void> {
    return this.#stop((connection) => connection.unbind());
  }

  /** Closes everything at once, without a word to the clients. */
  destroy(): Promise<void> {
    return this.#stop((connection) => connection.destroy());
  }

  #createServer(): Server {
    const { tls, session } = this.#options;
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS };
    const socketOptions = { noDelay: true, ...keepAlive };
    if (tls === undefined) return createTcpServer(socketOptions, (socket) => this.#accept(socket));
    const handshakeTimeout = sessionOptions(session).bindTimeoutMs;
    return createTlsServer({ ...socketOptions, ...tls, handshakeTimeout }, (socket) => this.#accept(socket));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #accept(socket: Socket): void {
    if (this.#isStopping) {
      socket.destroy();
      return;
    }
    const { systemId, authenticate, onError, session, mayWrite, monotonicMs } = this.#options;
    const connection: SmppConnection<Context> = new SmppConnection({
      socket,
      peer: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
      side: {
        role: "smsc",
        systemId,
        authenticate,
        onError,
        onEnd: () => this.#onEnd(connection),
      },
      ...(session === undefined ? {} : { session }),
      ...(mayWrite === undefined ? {} : { mayWrite }),
      ...(monotonicMs === undefined ? {} : { monotonicMs }),
    });
    this.#connections.add(connection);
  }

  #onEnd(connection: SmppConnection<Context>): void {
    this.#connections.delete(connection);
    this.#closeRest();
  }

  /** Resolves when the last socket is closed as well. */
  #stop(end: (connection: SmppConnection<Context>) => void): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#isStopping = true;
    // The callback's error only says that it did not listen.
    this.#server.close(() => resolve());
    for (const connection of this.#connections) end(connection);
    this.#closeRest();
    return promise;
  }

  /** Sockets that never became a connection: strangers in the middle of a TLS handshake must not hold up the stop. */
  #closeRest(): void {
    if (!this.#isStopping || this.#connections.size > 0) return;
    for (const socket of this.#sockets) socket.destroy();
  }
}
