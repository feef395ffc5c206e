import type { Service } from "./service.ts";

/** How many binds a node has up, over all carriers, by its metrics. */
export async function bindsOf(node: Service): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const counts = [...text.matchAll(/^msgbin_carrier_lanes\{[^}]*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** The node with the most binds that are up; null while none has any. */
export async function holderOf(nodes: readonly Service[]): Promise<Service | null> {
  const binds = await Promise.all(nodes.map(bindsOf));
  const most = Math.max(...binds);
  return most === 0 ? null : (nodes[binds.indexOf(most)] ?? null);
}
