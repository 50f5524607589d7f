/**
 * Network addresses as text: what PostgreSQL's `inet_net_pton.c` and
 * `inet_net_ntop.c` read and write.
 *
 * `inet` wants all of an address, or as much of it as its mask has; `cidr` may
 * leave octets out, and guesses the mask from the class of the network then.
 * IPv6 is read alike for both.
 *
 * @module
 */

/** An address with the length of its mask. */
export interface MaskedAddress {
  /** 4 or 16 bytes. */
  readonly address: readonly number[];
  /** How many of its bits are the network's. */
  readonly bits: number;
}

/** The digits of a mask that may have leading zeros; `undefined`: it is none. */
function maskOf(digits: string | undefined): number | undefined {
  if (digits === undefined || !/^\d+$/.test(digits)) return undefined;
  const bits = Number(digits);
  return bits <= 32 ? bits : undefined;
}

/** Octets up to 255; `undefined` where one is more. */
function octetsOf(words: readonly string[]): number[] | undefined {
  const octets = words.map(Number);
  return octets.every((octet) => octet <= 255) ? octets : undefined;
}

/** Octets filled up with zeros to an address. */
function extended(octets: readonly number[]): number[] {
  return [...octets, 0, 0, 0, 0].slice(0, 4);
}

/** IPv4 as `inet` reads it. */
export function readIpv4(text: string): MaskedAddress | undefined {
  const found = /^((?:\d+\.)*\d+)\.?(?:\/(.*))?$/s.exec(text);
  if (found === null) return undefined;
  const octets = octetsOf(found[1]!.split("."));
  if (octets === undefined || octets.length > 4) return undefined;
  if (found[2] === undefined) {
    return octets.length === 4 ? { address: octets, bits: 32 } : undefined;
  }
  const bits = maskOf(found[2]);
  if (bits === undefined || Math.floor(bits / 8) > octets.length) {
    return undefined;
  }
  return { address: extended(octets), bits };
}

/** The bytes of `0x…` digits: an odd one is the upper half of a byte. */
function octetsOfHex(digits: string): number[] | undefined {
  const octets: number[] = [];
  for (let at = 0; at < digits.length; at += 2) {
    octets.push(parseInt(digits.slice(at, at + 2).padEnd(2, "0"), 16));
  }
  return octets.length <= 4 ? octets : undefined;
}

/** The mask of the class of a network (A to E), no shorter than its octets. */
function classMask(octets: readonly number[]): number {
  const [first] = octets as [number];
  const byClass = first >= 240
    ? 32
    : first >= 224
    ? 8
    : first >= 192
    ? 24
    : first >= 128
    ? 16
    : 8;
  const bits = Math.max(byClass, octets.length * 8);
  return bits === 8 && first === 224 ? 4 : bits;
}

/** IPv4 as `cidr` reads it. */
export function readIpv4Network(text: string): MaskedAddress | undefined {
  const found = /^(?:0[xX]([0-9a-fA-F]+)|((?:\d+\.)*\d+))(?:\/(.*))?$/s
    .exec(text);
  if (found === null) return undefined;
  const octets = found[1] !== undefined
    ? octetsOfHex(found[1])
    : octetsOf(found[2]!.split("."));
  if (octets === undefined || octets.length > 4) return undefined;
  const bits = found[3] === undefined ? classMask(octets) : maskOf(found[3]);
  return bits === undefined ? undefined : { address: extended(octets), bits };
}

/** A number without leading zeros, up to `max`. */
function plainNumber(digits: string, max: number): number | undefined {
  if (!/^(?:0|[1-9]\d*)$/.test(digits)) return undefined;
  const value = Number(digits);
  return value <= max ? value : undefined;
}

/** IPv4 at the end of IPv6: octets may be left out where a mask follows. */
function tailOctets(word: string, hasMask: boolean): number[] | undefined {
  const parts = word.split(".");
  if (parts.length < 2 || parts.length > 4) return undefined;
  if (!hasMask && parts.at(-1) === "") return undefined;
  const octets = parts.map((part) => part === "" ? 0 : plainNumber(part, 255));
  return octets.includes(undefined) ? undefined : extended(octets as number[]);
}

/** The bytes of groups between colons; the last may be an IPv4 address. */
function bytesOfGroups(
  groups: string,
  hasMask: boolean,
): number[] | undefined {
  if (groups === "") return [];
  const bytes: number[] = [];
  const words = groups.split(":");
  for (const [i, word] of words.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(word)) {
      const value = parseInt(word, 16);
      bytes.push(value >> 8, value & 255);
      continue;
    }
    const octets = i === words.length - 1
      ? tailOctets(word, hasMask)
      : undefined;
    if (octets === undefined) return undefined;
    bytes.push(...octets);
  }
  return bytes;
}

/** IPv6. */
export function readIpv6(text: string): MaskedAddress | undefined {
  const slash = text.indexOf("/");
  const bits = slash < 0 ? 128 : plainNumber(text.slice(slash + 1), 128);
  const written = slash < 0 ? text : text.slice(0, slash);
  const halves = written.split("::");
  if (bits === undefined || halves.length > 2) return undefined;
  if (halves.length === 2 && halves[0]!.includes(".")) return undefined;
  const parts = halves.map((half) => bytesOfGroups(half, slash >= 0));
  if (parts.includes(undefined)) return undefined;
  const [head = [], tail = []] = parts;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing <= 0) return undefined;
  const gap = Array.from({ length: missing }, () => 0);
  return { address: [...head, ...gap, ...tail], bits };
}

/** The words of an IPv6 address. */
function wordsOf(address: readonly number[]): number[] {
  return Array.from(
    { length: address.length / 2 },
    (_, i) => address[2 * i]! * 256 + address[2 * i + 1]!,
  );
}

/** The longest run of zeros, the first of several; absent if shorter than two. */
function longestZeros(
  words: readonly number[],
): { readonly start: number; readonly length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let start = 0; start < words.length;) {
    let end = start;
    while (end < words.length && words[end] === 0) end++;
    if (end - start > (best?.length ?? 1)) {
      best = { start, length: end - start };
    }
    start = end + 1;
  }
  return best;
}

function hexWords(words: readonly number[]): string {
  return words.map((word) => word.toString(16)).join(":");
}

/** Addresses whose last four bytes are written as IPv4. */
function endsInIpv4(
  words: readonly number[],
  zeros: { readonly start: number; readonly length: number } | undefined,
): boolean {
  if (zeros?.start !== 0) return false;
  return zeros.length === 6 || zeros.length === 5 && words[5] === 0xffff;
}

/** An address without its mask. */
export function addressText(address: readonly number[]): string {
  if (address.length === 4) return address.join(".");
  const words = wordsOf(address);
  const zeros = longestZeros(words);
  if (zeros === undefined) return hexWords(words);
  if (endsInIpv4(words, zeros)) {
    const between = zeros.length === 5 ? "ffff:" : "";
    return `::${between}${address.slice(12).join(".")}`;
  }
  const { start, length } = zeros;
  return `${hexWords(words.slice(0, start))}::${
    hexWords(words.slice(start + length))
  }`;
}

/** A network without the octets that its mask does not reach. */
export function shortNetwork({ address, bits }: MaskedAddress): string {
  if (address.length === 16) return shortIpv6(address, bits);
  const count = Math.ceil(bits / 8);
  return `${address.slice(0, Math.max(count, 1)).join(".")}/${bits}`;
}

/** The run of zeros that `inet_cidr_ntop` leaves out: it may be one word. */
function zerosOfNetwork(
  words: readonly number[],
): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let run = { start: 0, length: 0 };
  const close = (): void => {
    if (run.length <= best.length) return;
    best = run;
    run = { start: 0, length: 0 };
  };
  words.forEach((word, i) => {
    if (word !== 0) return close();
    run = run.length === 0
      ? { start: i, length: 1 }
      : { start: run.start, length: run.length + 1 };
  });
  close();
  return best;
}

function shortIpv6(address: readonly number[], bits: number): string {
  if (bits === 0) return "::/0";
  const words = wordsOf(address).slice(0, Math.max(Math.ceil(bits / 16), 2));
  const zeros = zerosOfNetwork(words);
  const zerosEnd = zeros.start + zeros.length;
  const isIpv4 = zeros.length !== words.length && zeros.start === 0 &&
    (zeros.length === 6 || zeros.length === 5 && words[5] === 0xffff ||
      zeros.length === 7 && address[14] !== 0 && address[15] !== 1);
  let text = "";
  words.forEach((word, i) => {
    if (i >= zeros.start && i < zerosEnd) {
      if (i === zeros.start) text += ":";
      if (i === words.length - 1) text += ":";
    } else if (isIpv4 && i > 5) {
      text += (i === 6 ? ":" : ".") + (word >> 8);
      if (i !== 7 || bits > 120) text += `.${word & 255}`;
    } else {
      text += (text === "" ? "" : ":") + word.toString(16);
    }
  });
  return `${text}/${bits}`;
}
