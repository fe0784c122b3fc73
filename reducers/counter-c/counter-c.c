/*
 * The counter of `reducers/counter`, in C without a library: the ABI belongs to no language. Two participants and one
 * asset. Compiled by `clang --target=wasm32 -mcpu=mvp -O2 -nostdlib`, linked without an entry.
 */
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(name)))

enum { INPUT_BYTES = 65536, OUTPUT_BYTES = 1024, PARTICIPANTS = 2, AMOUNT_MAX = 1000 };

static u8 input[INPUT_BYTES];
static u8 output[OUTPUT_BYTES];
static u32 written;

static u64 totals[PARTICIPANTS];
static u32 next_mover;

/* The stakes of the one asset, as the beginning told them: from the count on. */
static u8 stakes[128];
static u32 stakes_size;

/* Only what is asked for in the right form; anything else stops the message. */
static u32 at;

static void put(u8 byte) { output[written++] = byte; }

static u64 put_output(void) { return ((u64)(u32)output << 32) | written; }

static void put_uint(u64 value) {
  u32 size = value < 0x80 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
  if (size > 0) put(size == 1 ? 0xcc : size == 2 ? 0xcd : size == 4 ? 0xce : 0xcf);
  if (size == 0) put((u8)value);
  for (u32 left = size; left > 0; left -= 1) put((u8)(value >> (8 * (left - 1))));
}

static void put_text(const char *text) {
  u32 size = 0;
  while (text[size] != 0) size += 1;
  put(0xa0 | size);
  for (u32 index = 0; index < size; index += 1) put(text[index]);
}

static u64 get_big(u32 size) {
  u64 value = 0;
  for (u32 index = 0; index < size; index += 1) value = value << 8 | input[at++];
  return value;
}

static u64 get_uint(void) {
  u8 head = input[at++];
  if (head < 0x80) return head;
  if (head < 0xcc || head > 0xcf) __builtin_trap();
  return get_big(1u << (head - 0xcc));
}

static u32 get_bin(void) {
  u8 head = input[at++];
  if (head < 0xc4 || head > 0xc6) __builtin_trap();
  return get_big(1u << (head - 0xc4));
}

static void pass_amount(void) {
  if (input[at] == 0xc4) at += get_bin();
  else get_uint();
}

static u64 refuse(const char *code) {
  written = 0;
  put(0x92);
  put(0);
  put_text(code);
  return put_output();
}

/* Begins an accepted answer of `count` row changes. */
static void accept(u32 count) {
  written = 0;
  put(0x92);
  put(1);
  put(0x90 | count);
}

static void put_row(u8 kind, u32 participant) {
  put(0x93);
  put(kind);
  put(0);
  put(0x92);
  put_uint(participant);
  put_uint(totals[participant]);
}

EXPORT("abi_version") u32 abi_version(void) { return 1; }

EXPORT("allocate") u8 *allocate(u32 size) {
  if (size > INPUT_BYTES) __builtin_trap();
  at = 0;
  return input;
}

EXPORT("schema") u64 schema(void) {
  written = 0;
  put(0x91);
  put(0x92);
  put_text("counts");
  put(0x92);
  put(0x93);
  put_text("participant");
  put(1);
  put(0xc3);
  put(0x93);
  put_text("total");
  put(1);
  put(0xc2);
  return put_output();
}

EXPORT("init") u64 init(u8 *place, u32 size) {
  if (place != input || input[at++] != 0x95) __builtin_trap();
  at += get_bin();
  if (input[at++] != (0x90 | PARTICIPANTS)) __builtin_trap();
  for (u32 index = 0; index < PARTICIPANTS; index += 1) at += get_bin();
  if (input[at++] != 0x91 || input[at++] != 0x92) __builtin_trap();
  at += get_bin();
  u32 start = at;
  if (input[at++] != (0x90 | PARTICIPANTS)) __builtin_trap();
  for (u32 index = 0; index < PARTICIPANTS; index += 1) pass_amount();
  stakes_size = at - start;
  for (u32 index = 0; index < stakes_size; index += 1) stakes[index] = input[start + index];
  accept(PARTICIPANTS);
  for (u32 index = 0; index < PARTICIPANTS; index += 1) put_row(0, index);
  return put_output();
}

static int is_add(void) {
  return input[at] == 0xa3 && input[at + 1] == 'a' && input[at + 2] == 'd' && input[at + 3] == 'd';
}

EXPORT("reduce") u64 reduce(u8 *place, u32 size) {
  if (place != input || input[at++] != 0x95) __builtin_trap();
  get_uint();
  u32 sender = get_uint();
  if (sender >= PARTICIPANTS) __builtin_trap();
  if (!is_add()) return refuse("UnknownMessage");
  at += 4;
  u32 payload_size = get_bin();
  u32 end = at + payload_size;
  /* An integer in its shortest form, and nothing behind it. */
  if (payload_size == 0) return refuse("MalformedPayload");
  u8 head = input[at];
  u32 value_size = head < 0x80 ? 0 : head >= 0xcc && head <= 0xcf ? 1u << (head - 0xcc) : 99;
  if (payload_size != 1 + value_size) return refuse("MalformedPayload");
  u64 amount = get_uint();
  int is_short = value_size == 0 || (value_size == 1 ? amount >= 0x80 : amount >> (4 * value_size) != 0);
  if (at != end || !is_short) return refuse("MalformedPayload");
  if (amount > AMOUNT_MAX) return refuse("TooMuch");
  totals[sender] += amount;
  next_mover = (sender + 1) % PARTICIPANTS;
  accept(1);
  put_row(1, sender);
  return put_output();
}

EXPORT("outcome") u64 outcome(void) {
  written = 0;
  put(0x92);
  put(0x91);
  for (u32 index = 0; index < stakes_size; index += 1) put(stakes[index]);
  put_uint(next_mover);
  return put_output();
}
