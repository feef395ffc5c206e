import type { Simulator } from "../../src/carriers/simulator/simulator.ts";
import type { ApiClient } from "./api-client.ts";
import type { Order } from "./books.ts";
import { eventually, pause } from "./service.ts";

const SENDERS = 4;
/** As many as one request may have are a tenth of this: each of many requests has its own fate. */
const TARGETS_EACH = 100;
const ORDER_EVERY_MS = 400;
const TEXT_EVERY_MS = 250;
/** Not among the numbers by which the simulator is told how to behave, which have zeros before their end. */
const FIRST_NUMBER = 31_755_000_000;
const ANSWERED_WITHIN_MS = 120_000;

/** Senders at work until everything is ordered. */
export interface Load {
  readonly orders: readonly Order[];
  /** From 0 up to 1: how much of it is ordered. */
  progress(): number;
  /** Resolves when every order was answered. */
  done(): Promise<void>;
  /** Orders nothing more. */
  stop(): Promise<void>;
}

/** Senders that insist on each order, at one API node or the other, before they go on to the next. */
export function startLoad(apis: readonly ApiClient[], targets: number): Load {
  const orders: Order[] = [];
  const wanted = Math.ceil(targets / TARGETS_EACH);
  const stopped = new AbortController();
  async function send(): Promise<void> {
    while (!stopped.signal.aborted && orders.length < wanted) {
      const n = orders.length;
      const order = orderOf(n);
      orders.push(order);
      let tries = n;
      await eventually(
        () => place(apis[tries++ % apis.length], order),
        (isPlaced) => isPlaced,
        ANSWERED_WITHIN_MS,
      );
      await pause(ORDER_EVERY_MS);
    }
  }
  const sending = Promise.all(Array.from({ length: SENDERS }, send)).then(() => undefined);
  sending.catch(() => undefined); // `done` tells
  return {
    orders,
    progress: () => orders.length / wanted,
    done: () => sending,
    async stop() {
      stopped.abort();
      await sending.catch(() => undefined); // `done` told
    },
  };
}

function orderOf(n: number): Order {
  const destinations = Array.from(
    { length: TARGETS_EACH },
    (_, index) => `+${FIRST_NUMBER + n * TARGETS_EACH + index}`,
  );
  return { key: `order-${n}`, destinations, text: `text ${n}`, id: null };
}

/** False when it has to be asked again: no answer came, the database was away, or the first request still runs. */
async function place(api: ApiClient | undefined, order: Order): Promise<boolean> {
  try {
    const answer = await api?.send(order.destinations, order.text, { "Idempotency-Key": order.key });
    if (answer?.status === 503 || answer?.status === 409) return false;
    if (answer?.status !== 200) throw new Error(`POST answered ${answer?.status}`);
    order.id = answer.body.id;
    return true;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return false; // fetch's word for a lost connection, or half a body
    throw error;
  }
}

/** Handsets that write to a number all the while, over one carrier after the other, every fourth time in parts. */
export function startHandsets(smscs: readonly Simulator[], number: string) {
  const texts: string[] = [];
  const timer = setInterval(() => {
    const n = texts.length;
    const text = n % 4 === 0 ? `handset ${n} ${"long ".repeat(50)}end` : `handset ${n}`;
    texts.push(text);
    smscs[n % smscs.length]?.handset(String(31_655_000_000 + n)).write(number, text);
  }, TEXT_EVERY_MS);
  return { texts, stop: () => clearInterval(timer) };
}
