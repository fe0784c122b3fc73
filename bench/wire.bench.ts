/** Frames over TCP and libp2p, against a bare socket in the same process. */

import { type BareSockets, openBareSockets } from "./bare-socket.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { bestOf } from "./stopwatch.ts";
import { openLibp2pPair, openTcpPair, type WirePair } from "./wire-pair.ts";

/** Bytes of a frame with a payment in it. */
const SMALL = 250;

/** Bytes of a frame as large as a peer's largest message. */
const LARGE = 65_536;

/** Bytes of one write to the bare socket: more make it no faster. */
const BLOCK = 65_536;

/** Bytes in a million, for rates that people read. */
const MEGABYTE = 1_000_000;

/** How much of each there is in one run: some tenths of a second. */
type Amount = { readonly small: number; readonly large: number; readonly exchanged: number };

const TCP_AMOUNT: Amount = { small: 100_000, large: 2_000, exchanged: 3_000 };
const LIBP2P_AMOUNT: Amount = { small: 40_000, large: 300, exchanged: 1_000 };

/** What must hold of the ratios; those of libp2p pay for its encryption, its streams and its library. */
type Floors = { readonly small: number; readonly large: number; readonly exchanged: number };

const TCP_FLOORS: Floors = { small: 0.05, large: 0.1, exchanged: 0.4 };
const LIBP2P_FLOORS: Floors = { small: 0.005, large: 0.005, exchanged: 0.05 };

export const benchmark: Benchmark = {
  name: "wire",
  question: "How many frames does a wire carry over loopback, against a bare socket?",
  run: async () => {
    const bare = await openBareSockets();
    const [tcp, libp2p] = [await openTcpPair(), await openLibp2pPair()];
    try {
      return {
        figures: [
          ...(await figuresOf("TCP", tcp, bare, TCP_AMOUNT, TCP_FLOORS)),
          ...(await figuresOf("libp2p", libp2p, bare, LIBP2P_AMOUNT, LIBP2P_FLOORS)),
        ],
      };
    } finally {
      await tcp.close();
      await libp2p.close();
      bare.close();
    }
  },
};

async function figuresOf(
  name: string,
  pair: WirePair,
  bare: BareSockets,
  amount: Amount,
  floors: Floors,
): Promise<readonly Figure[]> {
  return [
    await oneWay(`${name}, frames of ${SMALL} bytes, one way`, pair, bare, {
      sizeBytes: SMALL,
      count: amount.small,
      floor: floors.small,
    }),
    await oneWay(`${name}, frames of 64 KiB, one way`, pair, bare, {
      sizeBytes: LARGE,
      count: amount.large,
      floor: floors.large,
    }),
    await toAndFro(`${name}, frames of ${SMALL} bytes, each answered before the next`, pair, bare, {
      count: amount.exchanged,
      floor: floors.exchanged,
    }),
  ];
}

type OneWay = { readonly sizeBytes: number; readonly count: number; readonly floor: number };

async function oneWay(
  what: string,
  pair: WirePair,
  bare: BareSockets,
  { sizeBytes, count, floor }: OneWay,
): Promise<Figure> {
  const frame = new Uint8Array(sizeBytes).fill(7);
  const block = new Uint8Array(BLOCK).fill(7);
  const bytes = sizeBytes * count;
  const blocks = Math.ceil(bytes / BLOCK);
  const seconds = await bestOf(() => pair.send(frame, count));
  const bareSeconds = await bestOf(() => bare.send(block, blocks));
  const isLarge = sizeBytes >= BLOCK;
  return {
    what,
    value: (isLarge ? bytes / MEGABYTE : count) / seconds,
    unit: isLarge ? "MB/s" : "frames/s",
    yardstick: "the same bytes through a bare socket, 64 KiB in each write",
    ratio: bytes / seconds / ((blocks * BLOCK) / bareSeconds),
    floor,
  };
}

async function toAndFro(
  what: string,
  pair: WirePair,
  bare: BareSockets,
  { count, floor }: { readonly count: number; readonly floor: number },
): Promise<Figure> {
  const frame = new Uint8Array(SMALL).fill(7);
  const seconds = await bestOf(() => pair.exchange(frame, count));
  const bareSeconds = await bestOf(() => bare.exchange(frame, count));
  return {
    what,
    value: count / seconds,
    unit: "exchanges/s",
    yardstick: "the same through a bare socket",
    ratio: bareSeconds / seconds,
    floor,
  };
}
