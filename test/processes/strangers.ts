/** What strangers do to a port that is open to all. Each gives back what ends it. */

/** Where the victim listens. */
export type Victim = { readonly host: string; readonly port: number };

/** Ends what a stranger does. */
export type EndOfIt = () => void;

type Socket = Bun.Socket<undefined>;

async function connect({ host, port }: Victim, reads = true): Promise<Socket | undefined> {
  const opened = Bun.connect({
    hostname: host,
    port,
    socket: { data: () => {}, error: () => {}, close: () => {} },
  });
  // A port that refuses is as good as one that closes.
  const socket = await opened.catch(() => undefined);
  if (!reads) socket?.pause();
  return socket;
}

function endOf(sockets: readonly (Socket | undefined)[]): EndOfIt {
  return () => {
    for (const socket of sockets) socket?.terminate();
  };
}

/** Connects so many times, and says nothing. */
export async function crowd(victim: Victim, count: number): Promise<EndOfIt> {
  const sockets: (Socket | undefined)[] = [];
  for (let from = 0; from < count; from += 200) {
    const batch = Array.from({ length: Math.min(200, count - from) }, () => connect(victim));
    sockets.push(...(await Promise.all(batch)));
  }
  return endOf(sockets);
}

/** Claims a frame of 4 GiB less one byte, and sends some of it. */
export async function claimGiant(victim: Victim): Promise<EndOfIt> {
  const socket = await connect(victim);
  socket?.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
  socket?.write(new Uint8Array(65_536));
  return endOf([socket]);
}

/** Sends noise, in frames of the right form and without any form, as fast as it is taken. */
export async function sendGarbage(victim: Victim, megabytes: number): Promise<EndOfIt> {
  const socket = await connect(victim);
  const noise = crypto.getRandomValues(new Uint8Array(65_536));
  const framed = new Uint8Array(516);
  framed.set(noise.subarray(0, 516));
  framed.set([0, 0, 2, 0]);
  for (let sent = 0; sent < megabytes * 16 && socket !== undefined; sent++) {
    socket.write(sent % 2 === 0 ? framed : noise);
    if (sent % 16 === 0) await Bun.sleep(1);
  }
  return endOf([socket]);
}

/** Begins many handshakes that are never ended. */
export async function beginHandshakes(victim: Victim, count: number): Promise<EndOfIt> {
  const sockets = await Promise.all(
    Array.from({ length: count }, async () => {
      const socket = await connect(victim);
      socket?.write(initiation());
      return socket;
    }),
  );
  return endOf(sockets);
}

/** A frame of 4 bytes with its length in front, and 64 KiB of them. */
const SMALL_FRAME = Uint8Array.of(0, 0, 0, 4, 1, 2, 3, 4);
const SMALL_FRAMES: Uint8Array = Uint8Array.from(
  { length: 65_536 },
  (_, at) => SMALL_FRAME[at % SMALL_FRAME.length] ?? 0,
);

/** Begins a handshake on each of many connections, and goes on with frames of 4 bytes, as fast as they are taken. */
export async function floodWithFrames(victim: Victim, rounds: number): Promise<EndOfIt> {
  const sockets = await Promise.all(Array.from({ length: FLOODS }, () => connect(victim)));
  const taken = sockets.map(() => 0);
  for (const socket of sockets) socket?.write(initiation());
  for (let round = 0; round < rounds; round++) {
    for (const [nth, socket] of sockets.entries()) {
      // What a socket has not taken is gone: the next bytes go on where those ended that it took.
      const at = (taken[nth] ?? 0) % SMALL_FRAME.length;
      taken[nth] = at + Math.max(0, socket?.write(SMALL_FRAMES.subarray(at)) ?? 0);
    }
    await Bun.sleep(1);
  }
  return endOf(sockets);
}

/** Connections of one flood: all that one host may have, but for some that peers need. */
const FLOODS = 60;

/** The first frame of a handshake, with noise in it. */
function initiation(): Uint8Array {
  const frame = crypto.getRandomValues(new Uint8Array(516));
  frame.set([0, 0, 2, 0, 1]);
  return frame;
}

/** One byte in each tenth of a second, and nothing is read. */
export async function trickle(victim: Victim): Promise<EndOfIt> {
  const socket = await connect(victim, false);
  const timer = setInterval(() => socket?.write(Uint8Array.of(0)), 100);
  return () => {
    clearInterval(timer);
    socket?.terminate();
  };
}
