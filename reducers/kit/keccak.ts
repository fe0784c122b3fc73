/** keccak-256, as Ethereum has it, for commitments that a contract can check. AssemblyScript. */

/** Bytes that are taken in at once: 1,600 bits less twice the 256 of the hash. */
const RATE: i32 = 136;

/** Source: FIPS 202, section 3.2.5. */
const ROUND_CONSTANTS: StaticArray<u64> = [
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
];

/** How far each lane turns, and which lane comes next. Source: FIPS 202, sections 3.2.2 and 3.2.3. */
const TURNS: StaticArray<i32> = [
  1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
];
const LANES: StaticArray<i32> = [
  10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1,
];

const state: StaticArray<u64> = new StaticArray<u64>(25);
const column: StaticArray<u64> = new StaticArray<u64>(5);

/** The hash of bytes, 32 new ones. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  const lanes = changetype<usize>(state);
  memory.fill(lanes, 0, 200);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    mix(at, unchecked(bytes[index]));
    at += 1;
    if (at == RATE) {
      permute();
      at = 0;
    }
  }
  mix(at, 0x01);
  mix(RATE - 1, 0x80);
  permute();
  const hash = new Uint8Array(32);
  memory.copy(hash.dataStart, lanes, 32);
  return hash;
}

function mix(at: i32, byte: u8): void {
  const place = changetype<usize>(state) + at;
  store<u8>(place, load<u8>(place) ^ byte);
}

function permute(): void {
  for (let round = 0; round < 24; round += 1) {
    theta();
    turn();
    chi();
    unchecked((state[0] = state[0] ^ ROUND_CONSTANTS[round]));
  }
}

function theta(): void {
  for (let x = 0; x < 5; x += 1) {
    const parity = unchecked(
      state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20],
    );
    unchecked((column[x] = parity));
  }
  for (let x = 0; x < 5; x += 1) {
    const change = unchecked(column[(x + 4) % 5] ^ rotl<u64>(column[(x + 1) % 5], 1));
    for (let y = 0; y < 25; y += 5) unchecked((state[x + y] = state[x + y] ^ change));
  }
}

function turn(): void {
  let moved = unchecked(state[1]);
  for (let step = 0; step < 24; step += 1) {
    const lane = unchecked(LANES[step]);
    const next = unchecked(state[lane]);
    unchecked((state[lane] = rotl<u64>(moved, TURNS[step])));
    moved = next;
  }
}

function chi(): void {
  for (let y = 0; y < 25; y += 5) {
    for (let x = 0; x < 5; x += 1) unchecked((column[x] = state[y + x]));
    for (let x = 0; x < 5; x += 1) {
      const next = unchecked(column[x] ^ (~column[(x + 1) % 5] & column[(x + 2) % 5]));
      unchecked((state[y + x] = next));
    }
  }
}
