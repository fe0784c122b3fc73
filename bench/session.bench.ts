/** What two nodes' sessions carry: Session, SecureTransport and TCP, against a bare socket with the same frames. */
import { type BareSockets, openBareSockets } from "./bare-socket.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { openSessionPair, type SessionPair } from "./session-pair.ts";
import { bestOf } from "./stopwatch.ts";

/** Bytes of a message with a payment in it. */
const SIZE_BYTES = 250;

/** Messages of one run: some tenths of a second. */
const SENT = 20_000;
const EXCHANGED = 5_000;

export const benchmark: Benchmark = {
  name: "session",
  question: "How many messages do two sessions settle over loopback, against a bare socket?",
  run: async () => {
    const bare = await openBareSockets();
    const pair = await openSessionPair();
    try {
      return { figures: [await allAtOnce(pair, bare), await oneByOne(pair, bare)] };
    } finally {
      await pair.close();
      bare.close();
    }
  },
};

const PAYLOAD: Uint8Array = new Uint8Array(SIZE_BYTES).fill(7);

async function allAtOnce(pair: SessionPair, bare: BareSockets): Promise<Figure> {
  const seconds = await bestOf(() => pair.send(PAYLOAD, SENT));
  const bareSeconds = await bestOf(() => bare.send(PAYLOAD, SENT));
  return {
    what: `messages of ${SIZE_BYTES} bytes one way, each numbered, sealed, settled and acknowledged`,
    value: SENT / seconds,
    unit: "messages/s",
    yardstick: "the same frames through a bare socket, a write for each",
    ratio: bareSeconds / seconds,
    floor: 0.02,
  };
}

async function oneByOne(pair: SessionPair, bare: BareSockets): Promise<Figure> {
  const seconds = await bestOf(() => pair.exchange(PAYLOAD, EXCHANGED));
  const bareSeconds = await bestOf(() => bare.exchange(PAYLOAD, EXCHANGED));
  return {
    what: `messages of ${SIZE_BYTES} bytes, each acknowledged before the next`,
    value: EXCHANGED / seconds,
    unit: "messages/s",
    yardstick: "the same through a bare socket, each answered before the next",
    ratio: bareSeconds / seconds,
    floor: 0.1,
  };
}
