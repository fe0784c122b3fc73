/** A relay between two programs on loopback that spoils the way: later, stuck, cut, or none of it. */

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
  /** Connections that were made through it. */
  readonly connections: () => number;
  /** From now on bytes are taken and kept: nothing arrives until `flow`. */
  readonly stall: () => void;
  /** Lets go what was kept. */
  readonly flow: () => void;
  /** Cuts every connection; new ones are taken as before. */
  readonly cut: () => void;
  readonly close: () => void;
};

type End = Bun.Socket<Half>;

/** One end of a connection, and what it has to pass on. */
type Half = { other: Promise<End> | undefined; readonly waiting: Uint8Array[] };

/** Opens a relay on a free port. */
export function openRelay({ delayMs, toPort }: RelayOptions): Relay {
  const ends = new Set<End>();
  let kept: (() => void)[] | undefined;
  let connections = 0;

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
      const later = (): void => {
        if (kept === undefined) go();
        else kept.push(go);
      };
      setTimeout(later, delayMs);
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
        connections += 1;
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
    connections: () => connections,
    stall: () => {
      kept ??= [];
    },
    flow: () => {
      const waiting = kept ?? [];
      kept = undefined;
      for (const go of waiting) go();
    },
    cut: () => {
      for (const end of ends) end.terminate();
    },
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
