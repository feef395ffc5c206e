import { createAccept } from "./accept/accept.ts";
import { createTokens } from "./api/auth/jwt.ts";
import { createPasswords } from "./api/auth/password.ts";
import type { HandsetDesk } from "./api/handset-desk.ts";
import { localUrl } from "./api/local-url.ts";
import { createServer } from "./api/server.ts";
import { createCarrierGauges } from "./app/carrier-gauges.ts";
import { createCarrierRoster } from "./app/carrier-roster.ts";
import { takeDataDirectory } from "./app/data-directory.ts";
import { endDeadNode } from "./app/end-dead-node.ts";
import { createHandsetDesk } from "./app/handset-desk.ts";
import { ADMIN_USERNAME, noteFirstRunShown, settleAdministrator } from "./app/first-run.ts";
import { settleJwtKey } from "./app/jwt-key.ts";
import { listenOrRefuse } from "./app/listen.ts";
import { openStore } from "./app/open-store.ts";
import { ThreadedClient } from "./app/outbound-thread/threaded-client.ts";
import { createReadiness } from "./app/readiness.ts";
import { settleSecretBox } from "./app/secret-box-of.ts";
import { startSimulator } from "./app/start-simulator.ts";
import { createSystemClock } from "./app/system-clock.ts";
import { takeInbound } from "./app/take-inbound.ts";
import { createSmppCarrier } from "./carriers/smpp/smpp-carrier.ts";
import { createTestWebhook } from "./app/test-webhook.ts";
import type { Config } from "./config/config.ts";
import type { Role } from "./config/roles.ts";
import { readVersion } from "./config/version.ts";
import { findWeakSecrets } from "./config/weak-secrets.ts";
import { createDispatch } from "./dispatch/dispatch.ts";
import { createIds, type FillRandom, type NodeId } from "./domain/ids.ts";
import { createNumberOwners } from "./inbound/number-owners.ts";
import type { LineSink } from "./observe/dropping-lines.ts";
import { createLogger } from "./observe/log.ts";
import { createMetrics } from "./observe/metrics.ts";
import { createGuardedClient, type GuardedClient } from "./outbound-http/guarded-client.ts";
import { createReceipts } from "./receipts/receipts.ts";
import { RetentionSweep } from "./retention/retention-sweep.ts";
import { createWebhooks } from "./webhooks/webhooks.ts";

/** How long a stop waits for answers to what is in flight: a leaving node's bind slots move within 2 s. */
const STOP_GRACE_MS = 1_500;
const FIRST_TOKEN_LIFE_MS = 24 * 3_600_000;

/** How long a carrier that another node added may go unnoticed when the notification of it was lost. */
const ROSTER_LOOK_MS = 5_000;

/** Nobody else may reach the simulator: it lets anybody bind. */
const LOOPBACK = "127.0.0.1";

const monotonicMs = (): number => performance.now();
const fillRandom: FillRandom = (bytes) => crypto.getRandomValues(bytes);

/** Where lines of log go; on a terminal they are laid out for people. */
export interface LogTarget extends LineSink {
  readonly isTTY?: boolean | undefined;
}

/** The service while it runs. */
export interface App {
  /** Where this machine reaches it. */
  readonly url: string;
  /** How to get in, to be shown now; null when it was shown at an earlier start. The token is good for 24 hours. */
  readonly firstRun: {
    readonly username: string;
    /** Null when the operator chose it himself. */
    readonly password: string | null;
    readonly token: string;
  } | null;
  /** Keeps a text for the owner of the data directory alone; answers the path. */
  readonly writeFirstRun: (text: string) => string;
  readonly noteFirstRunShown: () => Promise<void>;
  /** Finishes what is in flight and lets go of everything, the last started first. */
  stop(): Promise<void>;
}

/**
 * Starts the service, each part after those that it stands on; stopping goes the other way round.
 * @throws {StartRefused} with one line that says what to do.
 */
export async function startApp(config: Config, logTarget: LogTarget): Promise<App> {
  await using started = new AsyncDisposableStack();

  const hasRole = (role: Role): boolean => config.roles.includes(role);
  const clock = createSystemClock();
  const ids = createIds(fillRandom);
  const node = ids.at(clock.now()) as NodeId; // branded where it is made
  const form = logTarget.isTTY === true ? "terminal" : "json";
  const logger = createLogger({ level: config.logLevel, sink: logTarget, form });
  const metrics = createMetrics();
  for (const line of findWeakSecrets(config)) logger.warn({}, line);

  const directory = takeDataDirectory(config.dataDir, process.pid);
  started.defer(() => directory.release());
  const store = await openStore(config, { clock, logger, metrics });
  started.defer(() => store.close());
  if (config.database !== null) await endDeadNode(directory.deadNode, store, logger);
  directory.noteNode(node);
  const secretBox = await settleSecretBox(config, store);

  const passwords = createPasswords(fillRandom);
  const tokens = createTokens(await settleJwtKey(config.secrets.jwtKey, store, secretBox, fillRandom), clock);
  const wantedPassword = config.secrets.adminPassword;
  const administrator = await settleAdministrator({
    store,
    passwords,
    secretBox,
    clock,
    ids,
    fillRandom,
    wantedPassword,
  });

  const receipts = createReceipts({ store, nameOf: (id) => roster.nameOf(id), clock, logger, metrics });
  const dispatch = createDispatch({
    store,
    node,
    clock,
    monotonicMs,
    random: Math.random,
    countParts: (target, carrierId) => roster.countParts(target, carrierId),
    logger,
    metrics,
    onReceipts: (reports) => receipts.apply(reports),
    onInbound: (parts) => inbound.receive(parts),
  });
  const roster = createCarrierRoster({
    store,
    host: dispatch,
    createCarrier: hasRole("dispatch")
      ? ({ id, name }, account) =>
          createSmppCarrier({ id, name, account, clock, monotonicMs, random: Math.random, logger, metrics })
      : null,
    secretBox,
    clock,
    ids,
    logger,
    hasSimulator: config.simulator.isOn,
  });
  if (hasRole("dispatch")) {
    receipts.start();
    started.defer(() => receipts.stop());
    const { retention: fallback } = config;
    const sweep = new RetentionSweep({ store, fallback, node, clock, monotonicMs, metrics, logger });
    sweep.start();
    started.defer(() => sweep.stop());
  }
  const owners = createNumberOwners(store, monotonicMs);
  started.defer(store.onWake(({ kind }) => void (kind === "directory" && owners.forget())));
  const inbound = takeInbound({
    store,
    owners,
    accept: () => accept,
    clock,
    monotonicMs,
    ids,
    logger,
    metrics,
  });
  if (hasRole("dispatch")) {
    inbound.start();
    started.defer(() => inbound.stop());
  }
  let handsets: HandsetDesk | null = null;
  if (config.simulator.isOn) {
    const { port } = config.simulator;
    const simulator = await startSimulator({
      host: LOOPBACK,
      port,
      portVariable: "MSGBIN_SIMULATOR_PORT",
      onFault: (error) => logger.warn({ error }, "the simulator could not deal with a request"),
    });
    started.defer(() => simulator.close());
    await roster.putSimulator(simulator.url);
    handsets = createHandsetDesk(simulator);
  }
  await roster.refresh();
  if (hasRole("dispatch")) {
    await dispatch.start(); // elsewhere it holds no carrier, so that hand-over finds no room and the store is the queue
    started.defer(() => dispatch.stop(STOP_GRACE_MS));
  }
  started.defer(store.onWake((wake) => void (wake.kind === "directory" && refreshRoster())));
  if (config.database !== null) {
    const looking = setInterval(refreshRoster, ROSTER_LOOK_MS);
    started.defer(() => clearInterval(looking));
  }

  const { allowPrivateWebhooks: allowPrivate } = config;
  const addresses: Pick<GuardedClient, "check"> = createGuardedClient({ allowPrivate });
  const client = new ThreadedClient({ allowPrivate }, logger);
  started.defer(() => client.close());
  const webhooks = createWebhooks({
    store,
    client,
    secrets: secretBox,
    allowPrivate,
    node,
    clock,
    logger,
    metrics,
  });
  if (hasRole("webhooks")) {
    webhooks.start();
    started.defer(() => webhooks.stop(STOP_GRACE_MS));
  }

  const accept = createAccept({
    store,
    handOver: dispatch.handOver,
    route: (query) => roster.route(query),
    profileOf: (carrierId) => roster.profileOf(carrierId),
    ownerOf: (number) => owners.find(number),
    clock,
    ids,
    node,
    metrics,
  });
  metrics.beforeRender(createCarrierGauges({ store, carriers: () => roster.carriers(), clock, metrics }));
  const server = await createServer({
    store,
    accept,
    carriers: roster,
    handsets,
    tokens,
    passwords,
    secretBox,
    clock,
    monotonicMs,
    ids,
    fillRandom,
    logger,
    metrics,
    checkAddress: (uri) => {
      if (hasRole("webhooks")) client.start(); // it will be called soon
      return addresses.check(uri);
    },
    testWebhook: createTestWebhook({
      client,
      secrets: secretBox,
      allowPrivate,
      clock,
      ids,
    }),
    readiness: createReadiness(store),
    renderMetrics: async () => ({ contentType: metrics.contentType, text: await metrics.render() }),
    servesApi: hasRole("api"),
    version: readVersion(),
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    requestsPerSecond: config.rateLimit,
  });
  started.defer(() => server.close());
  await listenOrRefuse({ ...config.listen, portVariable: "MSGBIN_PORT" }, () => server.listen(config.listen));
  const url = localUrl(server.server.address());
  directory.announce(url);
  logger.info({ url, version: readVersion(), node, roles: config.roles.join(",") }, "msgbin runs");

  const { customer, generatedPassword, isFirstRun } = administrator;
  const running = started.move();
  return {
    url,
    firstRun:
      isFirstRun && customer !== null
        ? {
            username: ADMIN_USERNAME,
            password: generatedPassword,
            token: tokens.issue(customer, { method: "", uri: "" }, FIRST_TOKEN_LIFE_MS),
          }
        : null,
    writeFirstRun: (text) => directory.writeFirstRun(text),
    noteFirstRunShown: () => noteFirstRunShown(store),
    async stop() {
      await running.disposeAsync();
      logger.info({}, "msgbin has stopped");
    },
  };

  function refreshRoster(): void {
    roster
      .refresh()
      .catch((error: unknown) => logger.error({ error: String(error) }, "carriers could not be refreshed"));
  }
}
