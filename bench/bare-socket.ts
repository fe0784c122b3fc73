/** Bare sockets of Bun over loopback: what a wire is measured against. */
import type { Socket } from "bun";

/** Two sockets that are connected, and how to be done with them. */
export type BareSockets = {
  /** Writes a block so many times over, and resolves when the other end has read all of it. */
  readonly send: (block: Uint8Array, times: number) => Promise<void>;
  /** Sends a message so many times over, each after the other end has answered with the one before. */
  readonly exchange: (message: Uint8Array, times: number) => Promise<void>;
  readonly close: () => void;
};

/** What the two ends do with bytes that come; changed with each measurement. */
type Ears = {
  near: (bytes: Uint8Array) => void;
  far: (bytes: Uint8Array) => void;
  drained: () => void;
};

/** Connects a socket with another in this process. */
export async function openBareSockets(): Promise<BareSockets> {
  const nothing = (): void => undefined;
  const ears: Ears = { near: nothing, far: nothing, drained: nothing };
  const accepted = Promise.withResolvers<Socket>();
  const listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { open: (socket) => accepted.resolve(socket), data: (_, bytes) => ears.far(bytes) },
  });
  const near = await Bun.connect({
    hostname: "127.0.0.1",
    port: listener.port,
    socket: { data: (_, bytes) => ears.near(bytes), drain: () => ears.drained() },
  });
  const far = await accepted.promise;
  return {
    send: (block, times) => sendAll(near, ears, block, times),
    exchange: (message, times) => exchangeAll(near, far, ears, message, times),
    close: () => listener.stop(true),
  };
}

function sendAll(near: Socket, ears: Ears, block: Uint8Array, times: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = block.length * times;
  let at = 0;
  let unwritten = left;
  ears.far = (bytes) => {
    left -= bytes.length;
    if (left === 0) resolve();
  };
  const write = (): void => {
    while (unwritten > 0) {
      const rest = at === 0 ? block : block.subarray(at);
      const sent = near.write(rest);
      unwritten -= sent;
      at = (at + sent) % block.length;
      if (sent < rest.length) return;
    }
  };
  ears.drained = write;
  write();
  return promise;
}

function exchangeAll(
  near: Socket,
  far: Socket,
  ears: Ears,
  message: Uint8Array,
  times: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = times;
  ears.far = (bytes) => void far.write(bytes);
  ears.near = () => {
    left -= 1;
    if (left === 0) resolve();
    else near.write(message);
  };
  near.write(message);
  return promise;
}
