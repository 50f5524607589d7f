/**
 * Metaphone (Lawrence Philips): how an English word sounds, in the consonants
 * `BXSKJTFHLMNPR0WY`, where `X` is the sound of `sh` and `0` that of `th`.
 *
 * @module
 */

const VOWELS = "AEIOU";
/** What makes C and G soft. */
const SOFTENING = "EIY";
/** What an H after it belongs to. */
const TAKES_H = "CGPST";
/** What keeps GH from being F. */
const KEEPS_GH = "BDH";

/** A word while its sounds are written down. */
class Reading {
  readonly #word: string;
  at = 0;
  sounds = "";

  constructor(word: string) {
    this.#word = word;
  }

  /** The letter that is so many places on; nothing beyond the ends. */
  letter(ahead = 0): string {
    return this.#word[this.at + ahead] ?? "";
  }

  isOne(letters: string, ahead: number): boolean {
    const letter = this.letter(ahead);
    return letter !== "" && letters.includes(letter);
  }

  isLetter(ahead: number): boolean {
    return /^[A-Z]$/.test(this.letter(ahead));
  }

  say(sound: string, skip = 0): void {
    this.sounds += sound;
    this.at += skip;
  }
}

function readFirst(reading: Reading): void {
  const next = reading.letter(1);
  switch (reading.letter()) {
    case "A":
      return next === "E" ? reading.say("E", 2) : reading.say("A", 1);
    case "G":
    case "K":
    case "P":
      if (next === "N") reading.say("N", 2);
      return;
    case "X":
      return reading.say("S", 1);
    case "E":
    case "I":
    case "O":
    case "U":
      return reading.say(reading.letter(), 1);
    case "W":
      if (next === "R") reading.say("R", 2);
      else if (next === "H") reading.say("H", 2);
      else if (reading.isOne(VOWELS, 1)) reading.say("W", 2);
  }
}

function readC(reading: Reading): void {
  const next = reading.letter(1);
  const last = reading.letter(-1);
  if (reading.isOne(SOFTENING, 1)) {
    if (next === "I" && reading.letter(2) === "A") reading.say("X");
    else if (last !== "S") reading.say("S");
    return;
  }
  if (next !== "H") return reading.say("K");
  reading.say(reading.letter(2) === "R" || last === "S" ? "K" : "X", 1);
}

function readG(reading: Reading): void {
  const next = reading.letter(1);
  if (next === "H") {
    const isSilent = reading.isOne(KEEPS_GH, -3) || reading.letter(-4) === "H";
    if (!isSilent) reading.say("F", 1);
  } else if (next === "N") {
    const isSilent = !reading.isLetter(2) ||
      (reading.letter(2) === "E" && reading.letter(3) === "D");
    if (!isSilent) reading.say("K");
  } else if (reading.isOne(SOFTENING, 1) && reading.letter(-1) !== "G") {
    reading.say("J");
  } else reading.say("K");
}

function readS(reading: Reading): void {
  const next = reading.letter(1);
  const after = reading.letter(2);
  if (next === "I" && (after === "O" || after === "A")) reading.say("X");
  else if (next === "H") reading.say("X", 1);
  else if (next === "C" && after === "H" && reading.letter(3) === "W") {
    reading.say("X", 2);
  } else reading.say("S");
}

function readT(reading: Reading): void {
  const next = reading.letter(1);
  const after = reading.letter(2);
  if (next === "I" && (after === "O" || after === "A")) reading.say("X");
  else if (next === "H") reading.say("0", 1);
  else reading.say("T");
}

/** What most letters say. */
const PLAIN: Readonly<Record<string, string>> = {
  F: "F",
  J: "J",
  L: "L",
  M: "M",
  N: "N",
  Q: "K",
  R: "R",
  V: "F",
  X: "KS",
  Z: "S",
};

function readOne(reading: Reading): void {
  const next = reading.letter(1);
  const last = reading.letter(-1);
  const letter = reading.letter();
  switch (letter) {
    case "B":
      return last === "M" ? undefined : reading.say("B");
    case "C":
      return readC(reading);
    case "D":
      return next === "G" && reading.isOne(SOFTENING, 2)
        ? reading.say("J", 1)
        : reading.say("T");
    case "G":
      return readG(reading);
    case "H":
      if (reading.isOne(VOWELS, 1) && !reading.isOne(TAKES_H, -1)) {
        reading.say("H");
      }
      return;
    case "K":
      return last === "C" ? undefined : reading.say("K");
    case "P":
      return reading.say(next === "H" ? "F" : "P");
    case "S":
      return readS(reading);
    case "T":
      return readT(reading);
    case "W":
    case "Y":
      if (reading.isOne(VOWELS, 1)) reading.say(letter);
      return;
    default:
      reading.say(PLAIN[letter] ?? "");
  }
}

/** The sounds of a word, as long as they are fewer than `most`. */
export function metaphone(word: string, most: number): string {
  const reading = new Reading(
    word.replace(/^[^A-Za-z]+/, "").replace(
      /[a-z]/g,
      (letter) => letter.toUpperCase(),
    ),
  );
  readFirst(reading);
  while (reading.letter() !== "" && reading.sounds.length < most) {
    const repeats = reading.letter() === reading.letter(-1) &&
      reading.letter() !== "C";
    if (reading.isLetter(0) && !repeats) readOne(reading);
    reading.at++;
  }
  return reading.sounds;
}
