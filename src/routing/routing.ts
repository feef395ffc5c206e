import type { CarrierId } from "../domain/ids.ts";
import type { MessageType } from "../domain/message.ts";

/** The name of the built-in carrier that delivers to imaginary handsets. */
export const SIMULATOR_NAME = "simulator";

/** What routing needs to know of a carrier. */
export interface RoutableCarrier {
  readonly id: CarrierId;
  readonly name: string;
  /** What it can carry. */
  readonly types: readonly MessageType[];
}

/** What a route may depend on; targets are normalised. */
export interface RouteQuery {
  readonly destination: string;
  readonly source: string;
  readonly type: MessageType;
}

/** Everything routes are found by, made anew when the carriers change, so that a look-up costs next to nothing. */
export interface RoutingTable {
  readonly defaultRoutes: Readonly<Record<MessageType, readonly CarrierId[]>>;
}

/**
 * Makes the table from the carriers in the order they were added, which is the order in which the default route tries them.
 * The simulator stands in it only where no other carrier was ever added: no real message is ever "delivered" to an imaginary
 * handset, not even when the real carriers cannot carry its type, or are gone.
 * @param isReal whether a carrier other than the simulator has ever been added
 */
export function buildRoutingTable(carriers: readonly RoutableCarrier[], isReal: boolean): RoutingTable {
  const routable = isReal ? carriers.filter(({ name }) => name !== SIMULATOR_NAME) : carriers;
  const carriersOf = (type: MessageType): readonly CarrierId[] =>
    routable.filter(({ types }) => types.includes(type)).map(({ id }) => id);
  return { defaultRoutes: { sms: carriersOf("sms"), mms: carriersOf("mms") } };
}

/** The carriers that may take a target, the first one first; empty when there is none. Equal routes are the same array. */
export function routeTarget(query: RouteQuery, table: RoutingTable): readonly CarrierId[] {
  return table.defaultRoutes[query.type];
}
