import type { HandsetDesk } from "../api/handset-desk.ts";
import type { Simulator } from "../carriers/simulator/simulator.ts";

/** Puts the simulator's handsets at an administrator's hand. */
export function createHandsetDesk(simulator: Pick<Simulator, "handset" | "clients">): HandsetDesk {
  return {
    write(handset, to, text) {
      // The simulator would keep it for whoever binds next, which may be nobody ever.
      if (!simulator.clients().some(({ kind }) => kind !== "tx"))
        return { kind: "refused", message: NOBODY_BOUND };
      try {
        simulator.handset(handset).write(to, text);
        return { kind: "written" };
      } catch (error) {
        if (error instanceof RangeError) return { kind: "refused", message: error.message };
        throw error;
      }
    },
    inbox: (handset) => simulator.handset(handset).inbox.map(toWallClock),
  };
}

const NOBODY_BOUND =
  "nobody is bound to the simulator who could receive it: its carrier was removed or is not connected";

/** The simulator counts milliseconds from the start of the process, people from 1970. */
function toWallClock<Message extends { readonly atMs: number }>(message: Message): Message {
  return { ...message, atMs: performance.timeOrigin + message.atMs };
}
