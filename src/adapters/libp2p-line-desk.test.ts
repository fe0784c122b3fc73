/** Lines go to peers of libp2p, one stream each, and strangers' streams are bounded. */
import { describe, expect } from "bun:test";
import type { Stream } from "@libp2p/interface";
import { adversarial, unit } from "../../test/kind.ts";
import { testIdentity } from "../../test/libp2p-identities.ts";
import { waitUntil } from "../../test/ports-transport.ts";
import { LineDesk, type LineLimits } from "./libp2p-line-desk.ts";
import { GO_NITRO_PROTOCOL, type LinePeer } from "./libp2p-lines.ts";
import { createLibp2pNode, type Libp2pNode } from "./libp2p-node.ts";
import { placesOfPeer } from "./libp2p-place.ts";
import { wireLimits } from "./wire-limits.ts";

/** Small and quick, so that a test meets every limit. */
const LIMITS: LineLimits = {
  lineSizeMax: 100_000,
  timeoutMs: 2_000,
  inboundMax: 4,
  totalInboundMax: 6,
  outboundMax: 8,
};

type Desk = {
  readonly node: Libp2pNode;
  readonly lines: LineDesk;
  readonly place: string;
  readonly heard: { readonly from: LinePeer; readonly line: Uint8Array }[];
};

async function openDesk(key: number, limits: Partial<LineLimits>): Promise<Desk> {
  const identity = testIdentity(key);
  const node = await createLibp2pNode({
    identity,
    listen: { host: "127.0.0.1", port: 0 },
    announced: [],
    limits: wireLimits(),
    bootstrap: [],
    usesLocalNetwork: false,
    records: undefined,
  });
  const lines = new LineDesk(node.libp2p, identity, { ...LIMITS, ...limits });
  await node.libp2p.start();
  const [place = ""] = placesOfPeer(node.libp2p.peerId, node.libp2p.getMultiaddrs());
  const desk: Desk = { node, lines, place, heard: [] };
  await lines.handle(GO_NITRO_PROTOCOL, (from, line) => desk.heard.push({ from, line }));
  return desk;
}

/** Gives a test two nodes; the first one dials. */
async function useDesks(
  run: (alice: Desk, bob: Desk) => Promise<void>,
  limits: Partial<LineLimits> = {},
): Promise<void> {
  const [alice, bob] = [await openDesk(1, limits), await openDesk(2, limits)];
  try {
    await run(alice, bob);
  } finally {
    await alice.node.libp2p.stop();
    await bob.node.libp2p.stop();
  }
}

const settle = (condition: () => boolean): Promise<void> => waitUntil(condition, () => undefined);

const send = (from: Desk, to: string, line: Uint8Array, protocol = GO_NITRO_PROTOCOL) =>
  from.lines.sendLine(to, protocol, line);

const codeOf = (answer: Awaited<ReturnType<typeof send>>): string =>
  answer.ok ? "Sent" : answer.reason.code;

describe("sendLine", () => {
  unit("brings a line of any permitted length, from the address that the peer has proved", () =>
    useDesks(async (alice, bob) => {
      const lines = [0, 1, 2_000, 100_000].map((size) => new Uint8Array(size).fill(65));

      const answers = await Promise.all(lines.map((line) => send(alice, bob.place, line)));
      await settle(() => bob.heard.length === 4);

      expect(answers.map(codeOf)).toEqual(["Sent", "Sent", "Sent", "Sent"]);
      expect(bob.heard.map(({ line }) => line.length).sort((a, b) => a - b)).toEqual(
        lines.map((line) => line.length),
      );
      expect(new Set(bob.heard.map(({ from }) => from.address))).toEqual(
        new Set([testIdentity(1).address]),
      );
    }),
  );

  unit("reaches a peer that has dialed us by its id alone", () =>
    useDesks(async (alice, bob) => {
      await send(alice, bob.place, Uint8Array.of(65));
      await settle(() => bob.heard.length === 1);

      const answer = await send(bob, bob.heard[0]?.from.peerId ?? "", Uint8Array.of(66));
      await settle(() => alice.heard.length === 1);

      expect(codeOf(answer)).toBe("Sent");
      expect([...(alice.heard[0]?.line ?? [])]).toEqual([66]);
    }),
  );

  unit("says why a line was not sent", () =>
    useDesks(async (alice, bob) => {
      const line = Uint8Array.of(65);
      const nobody = "16Uiu2HAm8kegYGp6XeybmZAuNcnLosyjsRwZ44yLgfEuqLqYL9zt".replace("8", "9");

      const codes = [
        await send(alice, "somebody", line),
        await send(alice, bob.place, Uint8Array.of(65, 10, 66)),
        await send(alice, bob.place, new Uint8Array(100_001)),
        await send(alice, bob.place, line, "/nitro/msg/2.0.0"),
        await send(alice, nobody, line),
      ].map(codeOf);
      await bob.node.libp2p.stop();
      codes.push(codeOf(await send(alice, bob.place, line)));
      await alice.node.libp2p.stop();
      codes.push(codeOf(await send(alice, bob.place, line)));

      expect(codes).toEqual([
        "NotAPeer",
        "LineTooLong",
        "LineTooLong",
        "ProtocolUnknown",
        "NotAPeer",
        "PeerUnreachable",
        "Closed",
      ]);
    }),
  );

  unit("has no more lines under way to one peer than it may", () =>
    useDesks(
      async (alice, bob) => {
        const answers = await Promise.all(
          [1, 2, 3, 4].map((byte) => send(alice, bob.place, Uint8Array.of(byte))),
        );

        expect(answers.map(codeOf)).toEqual(["Sent", "Sent", "TooManyStreams", "TooManyStreams"]);
      },
      { outboundMax: 2 },
    ),
  );
});

/** Opens a stream as a stranger does. */
async function openStream(from: Desk, to: Desk): Promise<Stream> {
  const [connection] = from.node.libp2p.getConnections(to.node.libp2p.peerId);
  const target = to.node.libp2p.getMultiaddrs()[0];
  if (target === undefined) throw new Error("nowhere to dial");
  const used = connection ?? (await from.node.libp2p.dial(target));
  return used.newStream(GO_NITRO_PROTOCOL);
}

describe("handle", () => {
  adversarial("hears nothing of a stream that ends without a line, or goes on too long", () =>
    useDesks(async (eve, bob) => {
      const cut = await openStream(eve, bob);
      cut.send(new TextEncoder().encode("no end"));
      await cut.close();
      const long = await openStream(eve, bob);
      long.send(new Uint8Array(100_001).fill(65));
      await settle(() => {
        const { LineBroken, LineTooLong } = bob.lines.counters();
        return LineBroken === 1 && LineTooLong === 1;
      });
      await settle(() => long.status !== "open");

      expect(bob.heard).toEqual([]);
      await send(eve, bob.place, Uint8Array.of(65));
      await settle(() => bob.heard.length === 1);
    }),
  );

  adversarial("hears one line of a stream with several", () =>
    useDesks(async (eve, bob) => {
      const stream = await openStream(eve, bob);
      stream.send(new TextEncoder().encode("one\ntwo\n"));
      await settle(() => bob.heard.length > 0);
      await stream.close();

      expect(bob.heard.map(({ line }) => new TextDecoder().decode(line))).toEqual(["one"]);
    }),
  );

  adversarial("cuts off a stream that stays open after its line", () =>
    useDesks(
      async (eve, bob) => {
        const stream = await openStream(eve, bob);
        stream.send(new TextEncoder().encode("one\n"));
        await settle(() => bob.heard.length === 1);
        expect(stream.status).toBe("open");
        await settle(() => stream.status !== "open");

        expect(bob.lines.counters()).toMatchObject({ LineReceived: 1, LineTimedOut: 0 });
      },
      { timeoutMs: 300 },
    ),
  );

  adversarial("cuts off streams that say nothing, and more than it may have", () =>
    useDesks(
      async (eve, bob) => {
        const streams: Stream[] = [];
        for (let n = 0; n < 4; n++) {
          const stream = await openStream(eve, bob);
          streams.push(stream);
        }
        // Two of them were refused as soon as they were there; the others say a little, and no more.
        await settle(() => streams.filter(({ status }) => status === "open").length === 2);
        for (const stream of streams) if (stream.status === "open") stream.send(Uint8Array.of(65));
        await settle(() => bob.lines.counters().LineRefused === 2);
        await settle(() => bob.lines.counters().LineTimedOut === 2);
        await settle(() => streams.every(({ status }) => status !== "open"));

        expect(bob.heard).toEqual([]);
        expect(codeOf(await send(eve, bob.place, Uint8Array.of(65)))).toBe("Sent");
      },
      { totalInboundMax: 2, timeoutMs: 300 },
    ),
  );
});
