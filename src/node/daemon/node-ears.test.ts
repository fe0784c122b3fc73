/** Tests of what a node does about what its parts tell. */
import { describe, expect } from "bun:test";
import { adversarial, unit } from "../../../test/kind.ts";
import type { Address } from "../../crypto/address.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PeerChange } from "../../network/secure/secure-options.ts";
import type { SecureTransport } from "../../network/secure/secure-transport.ts";
import { NodeError } from "../../primitives/node-error.ts";
import { NodeMetrics } from "../metrics/node-metrics.ts";
import { NodeEars } from "./node-ears.ts";
import { type NodeLog, SILENT_LOG } from "./node-log.ts";
import { PeerBook } from "./peer-book.ts";

const [ME, ALICE, EVE] = ["a0", "a1", "ee"].map((byte) => `0x${byte.repeat(20)}` as Address) as [
  Address,
  Address,
  Address,
];

const come = (peer: Address): PeerChange => ({
  type: "Connected",
  peer,
  place: "tcp-in:1",
  profiles: ["enforceable"],
});
const go = (peer: Address): PeerChange => ({ type: "Lost", peer, reason: "Left" });

function createEars(log: NodeLog = SILENT_LOG) {
  const told: string[] = [];
  const crashes: unknown[] = [];
  const metrics = new NodeMetrics();
  const book = new PeerBook({
    me: ME,
    configured: [{ address: ALICE, places: [] }],
    openToStrangers: true,
    strangersMax: 9,
  });
  const onCrash = (error: unknown): number => crashes.push(error);
  const ears = new NodeEars({ book, log, metrics, onCrash });
  const engine = {
    meet: (peer: Address) => told.push(`meet ${peer}`),
    forget: (peer: Address) => told.push(`forget ${peer}`),
  } as unknown as Engine;
  const secure = {
    punish: (peer: Address, code: string) => told.push(`punish ${peer} ${code}`),
  } as unknown as SecureTransport;
  return { book, crashes, ears, told, metrics, listen: () => ears.listenFor(engine, secure) };
}

describe("NodeEars", () => {
  adversarial("writes few lines of a peer that comes and goes without end", () => {
    const lines: string[] = [];
    const { ears, listen, told } = createEars({ ...SILENT_LOG, info: (line) => lines.push(line) });
    listen();

    for (let n = 0; n < 1_000; n += 1) {
      ears.peerChanged(come(ALICE));
      ears.peerChanged(go(ALICE));
    }

    expect(lines.length).toBeGreaterThanOrEqual(100);
    expect(lines.length).toBeLessThan(200);
    expect(told.length).toBe(1_000);
  });

  unit("knows a stranger who went and came again while the engine started", () => {
    const { book, ears, listen, told } = createEars();
    ears.peerChanged(come(EVE));
    ears.peerChanged(go(EVE));
    ears.peerChanged(come(EVE));

    listen();

    expect(book.isKnown(EVE)).toBe(true);
    expect(told).toEqual([`meet ${EVE}`, `forget ${EVE}`, `meet ${EVE}`]);
  });

  unit(
    "tells the engine who has come and which strangers have gone, also of those before it ran",
    () => {
      const { book, ears, listen, told } = createEars();

      ears.peerChanged(come(EVE));
      expect(told).toEqual([]);
      listen();
      ears.peerChanged(come(ALICE));
      ears.peerChanged(go(ALICE));
      ears.peerChanged(go(EVE));

      expect(told).toEqual([`meet ${EVE}`, `meet ${ALICE}`, `forget ${EVE}`]);
      expect(book.entries().map(({ address }) => address)).toEqual([ALICE]);
    },
  );

  adversarial("punishes what no honest peer sends, and counts it and refusals", async () => {
    const { ears, listen, metrics, told } = createEars();
    listen();

    ears.engineFault({ type: "Peer", fault: { code: "Undecodable", peer: ALICE } });
    ears.engineFault({ type: "Peer", fault: { code: "NotResumed", peer: ALICE } });
    ears.engineFault({ type: "Peer", fault: { code: "WindowExceeded", peer: ALICE } });
    ears.engineFault({ type: "Refusal", from: ALICE, code: "WrongTurn" });
    ears.secureFault({ code: "PeerTooFast", endpoint: undefined, peer: ALICE, detail: undefined });
    ears.secureFault({ code: "PeerAway", endpoint: undefined, peer: ALICE, detail: undefined });

    expect(told).toEqual([`punish ${ALICE} Undecodable`, `punish ${ALICE} WindowExceeded`]);
    expect(ears.refusalsOf(ALICE)).toBe(5);
    const text = await metrics.text();
    expect(text).toContain('channels_refusals_total{layer="session",code="Undecodable"} 1');
    expect(text).toContain('channels_refusals_total{layer="engine",code="WrongTurn"} 1');
    expect(text).toContain('channels_refusals_total{layer="secure",code="PeerAway"} 1');
  });

  adversarial("keeps no count of strangers who are not there", () => {
    const { ears, listen } = createEars();
    listen();
    ears.secureFault({
      code: "SignatureWrong",
      endpoint: "tcp-in:1",
      peer: EVE,
      detail: undefined,
    });
    expect(ears.refusalsOf(EVE)).toBe(0);
    ears.peerChanged(come(EVE));
    ears.engineFault({ type: "Refusal", from: EVE, code: "NotAParticipant" });
    expect(ears.refusalsOf(EVE)).toBe(1);
    ears.peerChanged(go(EVE));
    expect(ears.refusalsOf(EVE)).toBe(0);
  });

  unit("tells of the first crash, and of none once the owner ends the node", () => {
    const one = createEars();
    one.ears.engineFault({ type: "Crash", error: "first" });
    one.ears.crashed("second");
    expect([one.crashes, one.ears.crash]).toEqual([["first"], { error: "first" }]);

    const other = createEars();
    other.ears.close();
    other.ears.crashed("late");
    expect([other.crashes, other.ears.crash]).toEqual([[], undefined]);
  });

  unit("a fault of the chain or of a snapshot is counted, and ends nothing", async () => {
    const { crashes, ears, metrics } = createEars();
    ears.engineFault({ type: "Chain", error: new NodeError("ChainStale", "old") });
    ears.engineFault({ type: "Snapshot", problem: { type: "NotWritten", error: "full" } });
    ears.goNitroFault({ peer: ALICE, code: "Undecodable" });

    const text = await metrics.text();
    expect(text).toContain('channels_faults_total{kind="chain",code="ChainStale"} 1');
    expect(text).toContain('channels_faults_total{kind="snapshot",code="NotWritten"} 1');
    expect(text).toContain('channels_refusals_total{layer="go-nitro",code="Undecodable"} 1');
    expect(crashes).toEqual([]);
  });
});
