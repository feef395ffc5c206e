import type { HandsetDesk } from "../api/handset-desk.ts";
import type { Simulator } from "../carriers/simulator/simulator.ts";

/** Puts the simulator's handsets at an administrator's hand. */
export function createHandsetDesk(simulator: Pick<Simulator, "handset">): HandsetDesk {
  return {
    write(handset, to, text) {
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

/** The simulator counts milliseconds from the start of the process, people from 1970. */
function toWallClock<Message extends { readonly atMs: number }>(message: Message): Message {
  return { ...message, atMs: performance.timeOrigin + message.atMs };
}
