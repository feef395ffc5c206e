import { createAudit } from "./audit.ts";
import type { Guard } from "./auth/guard.ts";
import type { Principals } from "./auth/principals.ts";
import type { Door } from "./door.ts";
import { createInTurn } from "./in-turn.ts";
import { createBuckets } from "./rate-limit.ts";
import { accessKeysCreate } from "./routes/accesskeys-create.ts";
import { accessKeysDelete } from "./routes/accesskeys-delete.ts";
import { accessKeysGet } from "./routes/accesskeys-get.ts";
import { accessKeysList } from "./routes/accesskeys-list.ts";
import { accessKeysUpdate } from "./routes/accesskeys-update.ts";
import { auditList } from "./routes/audit-list.ts";
import { authLogin } from "./routes/auth-login.ts";
import { carriersAdd } from "./routes/carriers-add.ts";
import { carriersList } from "./routes/carriers-list.ts";
import { carriersRemove } from "./routes/carriers-remove.ts";
import { carriersUpdate } from "./routes/carriers-update.ts";
import { customerGet } from "./routes/customer-get.ts";
import { customerPassword } from "./routes/customer-password.ts";
import { customerUpdate } from "./routes/customer-update.ts";
import { customerWebhookSecret } from "./routes/customer-webhook-secret.ts";
import { customersCreate } from "./routes/customers-create.ts";
import { customersDelete } from "./routes/customers-delete.ts";
import { customersGet } from "./routes/customers-get.ts";
import { customersList } from "./routes/customers-list.ts";
import { customersPassword } from "./routes/customers-password.ts";
import { customersUpdate } from "./routes/customers-update.ts";
import { docsGet } from "./routes/docs-get.ts";
import { erasuresCreate } from "./routes/erasures-create.ts";
import { handsetsInbox } from "./routes/handsets-inbox.ts";
import { handsetsWrite } from "./routes/handsets-write.ts";
import { heldCancel } from "./routes/held-cancel.ts";
import { heldList } from "./routes/held-list.ts";
import { heldResend } from "./routes/held-resend.ts";
import { healthz } from "./routes/healthz.ts";
import { liveEvents } from "./routes/live-events.ts";
import { meGet } from "./routes/me-get.ts";
import { messagesCancel } from "./routes/messages-cancel.ts";
import { messagesCreate } from "./routes/messages-create.ts";
import { messagesDelete } from "./routes/messages-delete.ts";
import { messagesGet } from "./routes/messages-get.ts";
import { messagesList } from "./routes/messages-list.ts";
import { messagesResend } from "./routes/messages-resend.ts";
import { messagesTimeline } from "./routes/messages-timeline.ts";
import { metricsGet } from "./routes/metrics-get.ts";
import { numbersCreate } from "./routes/numbers-create.ts";
import { numbersDelete } from "./routes/numbers-delete.ts";
import { numbersGet } from "./routes/numbers-get.ts";
import { numbersList } from "./routes/numbers-list.ts";
import { numbersUpdate } from "./routes/numbers-update.ts";
import { openapiGet } from "./routes/openapi-get.ts";
import { optOutsCreate } from "./routes/optouts-create.ts";
import { optOutsLift } from "./routes/optouts-lift.ts";
import { optOutsList } from "./routes/optouts-list.ts";
import { ping } from "./routes/ping.ts";
import { readyz } from "./routes/readyz.ts";
import { unownedList } from "./routes/unowned-list.ts";
import { webhooksAttempts } from "./routes/webhooks-attempts.ts";
import { webhooksCreate } from "./routes/webhooks-create.ts";
import { webhooksDelete } from "./routes/webhooks-delete.ts";
import { webhooksGet } from "./routes/webhooks-get.ts";
import { webhooksList } from "./routes/webhooks-list.ts";
import { webhooksReplay } from "./routes/webhooks-replay.ts";
import { webhooksRotate } from "./routes/webhooks-rotate.ts";
import { webhooksTest } from "./routes/webhooks-test.ts";
import { webhooksUpdate } from "./routes/webhooks-update.ts";
import type { ServerDeps } from "./server-deps.ts";

/** Wrong passwords for one username from one address: twenty at once, then one every five seconds. */
const FAILED_LOGINS = { perSecond: 0.2, burst: 20 } as const;

/** Adds every route that this node serves, in the order in which the description lists them. */
export async function addRoutes(
  door: Door,
  server: ServerDeps,
  own: { readonly guard: Guard; readonly principals: Principals },
): Promise<void> {
  if (server.servesApi) await addApiRoutes(door, server, own);
  ping(door);
  healthz(door);
  readyz(door, server);
  metricsGet(door, { ...server, ...own });
  if (!server.servesApi) return;
  openapiGet(door);
  docsGet(door, server);
}

async function addApiRoutes(
  door: Door,
  server: ServerDeps,
  own: { readonly guard: Guard; readonly principals: Principals },
): Promise<void> {
  const failedLogins = createBuckets(FAILED_LOGINS, server.monotonicMs);
  const deps = { ...server, ...own, inTurn: createInTurn(), audit: createAudit(server), failedLogins };

  messagesCreate(door, deps);
  messagesList(door, deps);
  messagesGet(door, deps);
  messagesDelete(door, deps);
  messagesCancel(door, deps);
  messagesResend(door, deps);
  messagesTimeline(door, deps);
  heldList(door, deps);
  heldResend(door, deps);
  heldCancel(door, deps);

  authLogin(door, deps);

  meGet(door, deps);
  customerGet(door, deps);
  customerUpdate(door, deps);
  customerPassword(door, deps);
  customerWebhookSecret(door, deps);

  accessKeysCreate(door, deps);
  accessKeysList(door, deps);
  accessKeysGet(door, deps);
  accessKeysUpdate(door, deps);
  accessKeysDelete(door, deps);

  numbersCreate(door, deps);
  numbersList(door, deps);
  numbersGet(door, deps);
  numbersUpdate(door, deps);
  numbersDelete(door, deps);
  optOutsCreate(door, deps);
  optOutsList(door, deps);
  optOutsLift(door, deps);

  webhooksCreate(door, deps);
  webhooksList(door, deps);
  webhooksGet(door, deps);
  webhooksUpdate(door, deps);
  webhooksDelete(door, deps);
  webhooksRotate(door, deps);
  webhooksTest(door, deps);
  webhooksAttempts(door, deps);
  webhooksReplay(door, deps);
  await liveEvents(door, deps);

  customersList(door, deps);
  customersCreate(door, deps);
  customersGet(door, deps);
  customersUpdate(door, deps);
  customersPassword(door, deps);
  customersDelete(door, deps);
  carriersList(door, deps);
  carriersAdd(door, deps);
  carriersUpdate(door, deps);
  carriersRemove(door, deps);
  unownedList(door, deps);
  auditList(door, deps);
  erasuresCreate(door, deps);
  handsetsWrite(door, deps);
  handsetsInbox(door, deps);
}
