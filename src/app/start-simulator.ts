import { readBehaviours } from "../carriers/simulator/behaviours.ts";
import type { Counters } from "../carriers/simulator/counters.ts";
import { type BoundClient, createSimulator, type SimulatedHandset } from "../carriers/simulator/simulator.ts";
import { listenOrRefuse } from "./listen.ts";
import { StartRefused } from "./start-refused.ts";

/** What a simulator by itself or beside the service is started with. */
export interface SimulatorWish {
  readonly host: string;
  readonly port: number;
  /** The setting that chooses another port, for the line that says what to do. */
  readonly portVariable: string;
  /** Switches by name, as they are written on a command line. */
  readonly behaviours?: Readonly<Record<string, string>>;
  /** Told of each message that a handset got whole. */
  readonly onMessage?: (number: string, message: { readonly from: string; readonly text: string }) => void;
  /** Told in words of a client's request that could not be dealt with. */
  readonly onFault?: (words: string) => void;
}

/** A simulator that listens. */
export interface RunningSimulator {
  /** The carrier URL that leads to it. */
  readonly url: string;
  counters(): Readonly<Counters>;
  handset(number: string): SimulatedHandset;
  clients(): readonly BoundClient[];
  close(): Promise<void>;
}

/** Why these behaviours cannot be had; null when they can. */
export function problemOf(behaviours: Readonly<Record<string, string>>): string | null {
  const reading = readBehaviours(behaviours);
  return reading.ok ? null : reading.reason;
}

/** Starts a simulator; a behaviour that it does not have or a port that is taken is refused in one line. */
export async function startSimulator(wish: SimulatorWish): Promise<RunningSimulator> {
  const { host, onMessage, onFault } = wish;
  const reading = readBehaviours(wish.behaviours ?? {});
  if (!reading.ok) throw new StartRefused(reading.reason);
  const simulator = createSimulator({
    host,
    port: wish.port,
    behaviours: reading.behaviours,
    onFault: (error) => onFault?.(error instanceof Error ? error.message : String(error)),
    ...(onMessage !== undefined && { onHandsetMessage: onMessage }),
  });
  const { port } = await listenOrRefuse(wish, () => simulator.listen());
  return {
    url: `smpp://simulator:secret@${host.includes(":") ? `[${host}]` : host}:${port}`,
    counters: () => simulator.counters(),
    handset: (number) => simulator.handset(number),
    clients: () => simulator.clients(),
    close: () => simulator.close(),
  };
}
