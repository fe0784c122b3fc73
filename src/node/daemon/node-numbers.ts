/** The numbers of a running node that Prometheus asks for. */
import { isActive } from "../../protocols/objective.ts";
import type { MetricSources, WireNumbers } from "../metrics/node-metrics.ts";
import type { NodeParts } from "./living-node.ts";
import type { Health } from "./running-node.ts";

/** Looks at the parts when it is asked. */
export function metricSources(
  parts: Pick<NodeParts, "book" | "engine" | "gate" | "secure" | "store" | "wires">,
  health: () => Health,
): MetricSources {
  const { book, engine, gate, secure, store } = parts;
  return {
    numbers: () => {
      const view = engine.view();
      const { inputs, kept, wishes } = engine.load();
      const peers = secure.peers();
      const sum = (of: (peer: (typeof peers)[number]) => number): number =>
        peers.reduce((total, peer) => total + of(peer), 0);
      const { live, ready } = health();
      const { away, isChecked, newestBlockSec } = gate.sight;
      return {
        channels_log_events: store.length,
        channels_channels: view.channels.size,
        channels_objectives_open: engine.objectives().filter(isActive).length,
        channels_inbox_inputs: inputs,
        channels_waiting_wishes: wishes,
        channels_session_unsettled_messages: kept.unsettled,
        channels_session_early_bytes: kept.bytes,
        channels_outbox_messages: view.messages.size,
        channels_outbox_transactions: view.transactions.size,
        channels_chain_lag_seconds: lagSec(newestBlockSec),
        channels_chain_reachable: isChecked && away === undefined ? 1 : 0,
        channels_peers_known: book.entries().length,
        channels_peers_connected: peers.length,
        channels_peer_bytes_in: sum(({ bytesIn }) => bytesIn),
        channels_peer_bytes_out: sum(({ bytesOut }) => bytesOut),
        channels_peer_messages_in: sum(({ messagesIn }) => messagesIn),
        channels_peer_messages_out: sum(({ messagesOut }) => messagesOut),
        channels_handshakes_open: secure.kept().handshakes,
        channels_live: live ? 1 : 0,
        channels_ready: ready ? 1 : 0,
      };
    },
    waits: () => countWaits(parts),
    wires: () => wireNumbers(parts),
  };
}

/** Prometheus has no number for "unknown" that adds up; below zero no lag can be. */
const UNKNOWN = -1;

function lagSec(newestBlockSec: number | undefined): number {
  return newestBlockSec === undefined ? UNKNOWN : Math.max(0, Date.now() / 1_000 - newestBlockSec);
}

function countWaits({ engine }: Pick<NodeParts, "engine">): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { waitingFor } of engine.waits()) {
    counts.set(waitingFor, (counts.get(waitingFor) ?? 0) + 1);
  }
  return counts;
}

function wireNumbers({ wires }: Pick<NodeParts, "wires">): readonly WireNumbers[] {
  return Object.entries(wires).map(([wire, raw]) => ({
    wire,
    connections: raw.connectionCount(),
    queuedBytes: raw.queuedBytes(),
    counters: raw.counters(),
  }));
}
