/** A relay between two programs on loopback, by which everything arrives later. */

/** How the relay passes bytes on. */
export type RelayOptions = {
  /** Where the bytes go. */
  readonly toPort: number;
  /** Milliseconds that each byte takes each way. */
  readonly delayMs: number;
};

/** A relay that listens. */
export type Relay = {
  /** Where to connect instead. */
  readonly port: number;
  readonly close: () => void;
};

type End = Bun.Socket<Half>;

/** One end of a connection, and what it has to pass on. */
type Half = { other: Promise<End> | undefined; readonly waiting: Uint8Array[] };

/** Opens a relay on a free port. */
export function openRelay({ delayMs, toPort }: RelayOptions): Relay {
  const ends = new Set<End>();

  const pass = (to: End, bytes: Uint8Array): void => {
    to.data.waiting.push(bytes);
    drain(to);
  };
  const handlers = {
    data: (socket: End, bytes: Uint8Array): void => {
      const copy = bytes.slice();
      const go = (): void => {
        void socket.data.other?.then((to) => pass(to, copy)).catch(() => socket.terminate());
      };
      setTimeout(go, delayMs);
    },
    drain,
    close: (socket: End): void => {
      ends.delete(socket);
      void socket.data.other?.then((to) => to.end()).catch(() => undefined);
    },
    error: (): void => {},
  };
  const server = Bun.listen<Half>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      ...handlers,
      open: (socket) => {
        socket.data = { other: undefined, waiting: [] };
        ends.add(socket);
        socket.data.other = Bun.connect<Half>({
          hostname: "127.0.0.1",
          port: toPort,
          data: { other: Promise.resolve(socket), waiting: [] },
          socket: { ...handlers, open: (outward) => void ends.add(outward) },
        });
        socket.data.other.catch(() => socket.terminate());
      },
    },
  });
  return {
    port: server.port,
    close: () => {
      for (const end of ends) end.terminate();
      server.stop(true);
    },
  };
}

/** What `write` does not take is ours to keep. */
function drain(socket: End): void {
  const { waiting } = socket.data;
  while (waiting.length > 0) {
    const [first] = waiting;
    if (first === undefined) return;
    const taken = Math.max(0, socket.write(first));
    if (taken < first.length) {
      waiting[0] = first.subarray(taken);
      return;
    }
    waiting.shift();
  }
}
