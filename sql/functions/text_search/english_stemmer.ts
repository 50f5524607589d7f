/**
 * The stem of an English word: the Porter2 algorithm, as Snowball defines it.
 *
 * R1 is what follows the first consonant after a vowel, R2 the same within R1;
 * `Y` is a y that is a consonant.
 *
 * @module
 */

const VOWEL = /[aeiouy]/;
const DOUBLE = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;

/** Words whose stem is not what the rules make. */
const EXCEPTIONS: ReadonlyMap<string, string> = new Map([
  ["skis", "ski"],
  ["skies", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["idly", "idl"],
  ["gently", "gentl"],
  ["ugly", "ugli"],
  ["early", "earli"],
  ["only", "onli"],
  ["singly", "singl"],
  ...["sky", "news", "howe", "atlas", "cosmos", "bias", "andes"].map(
    (word) => [word, word] as const,
  ),
]);

/** Words that are stems once a plural's end is off. */
const STEMS: ReadonlySet<string> = new Set([
  "inning",
  "outing",
  "canning",
  "herring",
  "earring",
  "proceed",
  "exceed",
  "succeed",
]);

const STEP_2: readonly (readonly [string, string])[] = [
  ["ization", "ize"],
  ["ational", "ate"],
  ["fulness", "ful"],
  ["ousness", "ous"],
  ["iveness", "ive"],
  ["tional", "tion"],
  ["biliti", "ble"],
  ["lessli", "less"],
  ["entli", "ent"],
  ["ation", "ate"],
  ["alism", "al"],
  ["aliti", "al"],
  ["ousli", "ous"],
  ["iviti", "ive"],
  ["fulli", "ful"],
  ["enci", "ence"],
  ["anci", "ance"],
  ["abli", "able"],
  ["izer", "ize"],
  ["ator", "ate"],
  ["alli", "al"],
  ["bli", "ble"],
  ["ogi", "og"],
  ["li", ""],
];

const STEP_3: readonly (readonly [string, string])[] = [
  ["ational", "ate"],
  ["tional", "tion"],
  ["alize", "al"],
  ["icate", "ic"],
  ["iciti", "ic"],
  ["ative", ""],
  ["ical", "ic"],
  ["ness", ""],
  ["ful", ""],
];

const STEP_4 =
  "ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic"
    .split(" ");

/** The stem of a word in lower case. */
export function englishStem(word: string): string {
  if (word.length < 3) return word;
  const exception = EXCEPTIONS.get(word);
  if (exception !== undefined) return exception;
  return new Stemmer(word).stem();
}

/** Where the region begins behind the first consonant after a vowel. */
function regionAfter(word: string, from: number): number {
  let at = from;
  while (at < word.length && !VOWEL.test(word[at]!)) at++;
  while (at < word.length && VOWEL.test(word[at]!)) at++;
  return Math.min(at + 1, word.length);
}

class Stemmer {
  #word: string;
  readonly #r1: number;
  readonly #r2: number;

  constructor(given: string) {
    const word = given.replace(/^'/, "").replace(
      /(^|[aeiouy])y/g,
      (_, before: string) => `${before}Y`,
    );
    this.#word = word;
    const prefix = /^(?:gener|commun|arsen)/.exec(word)?.[0];
    this.#r1 = prefix?.length ?? regionAfter(word, 0);
    this.#r2 = regionAfter(word, this.#r1);
  }

  stem(): string {
    this.#plural();
    if (!STEMS.has(this.#word)) {
      this.#participle();
      this.#finalY();
      this.#step2();
      this.#step3();
      this.#step4();
      this.#step5();
    }
    return this.#word.replaceAll("Y", "y");
  }

  #ends(suffix: string): boolean {
    return this.#word.endsWith(suffix);
  }

  #inR1(suffix: string): boolean {
    return this.#word.length - suffix.length >= this.#r1;
  }

  #inR2(suffix: string): boolean {
    return this.#word.length - suffix.length >= this.#r2;
  }

  #replace(suffix: string, by: string): void {
    this.#word = this.#word.slice(0, this.#word.length - suffix.length) + by;
  }

  #plural(): void {
    this.#word = this.#word.replace(/'s'$|'s$|'$/, "");
    if (this.#ends("sses")) return this.#replace("sses", "ss");
    if (this.#ends("ied") || this.#ends("ies")) {
      return this.#replace("ies", this.#word.length > 4 ? "i" : "ie");
    }
    if (this.#ends("us") || this.#ends("ss") || !this.#ends("s")) return;
    if (VOWEL.test(this.#word.slice(0, -2))) this.#replace("s", "");
  }

  #participle(): void {
    const match = /(?:eedly|ingly|edly|eed|ing|ed)$/.exec(this.#word)?.[0];
    if (match === undefined) return;
    if (match.startsWith("ee")) {
      if (this.#inR1(match)) this.#replace(match, "ee");
      return;
    }
    const before = this.#word.slice(0, -match.length);
    if (!VOWEL.test(before)) return;
    this.#word = before;
    if (/(?:at|bl|iz)$/.test(before)) this.#word += "e";
    else if (DOUBLE.test(before) && !/^[aeo]..$/.test(before)) {
      this.#replace("x", "");
    } else if (this.#isShort()) this.#word += "e";
  }

  /** Whether the word ends in a short syllable and has no R1. */
  #isShort(): boolean {
    return this.#r1 >= this.#word.length && endsShort(this.#word);
  }

  #finalY(): void {
    if (/.[^aeiouy][yY]$/.test(this.#word)) this.#replace("y", "i");
  }

  #step2(): void {
    const found = STEP_2.find(([suffix]) => this.#ends(suffix));
    if (found === undefined || !this.#inR1(found[0])) return;
    const [suffix, by] = found;
    const before = this.#word.at(-suffix.length - 1) ?? "";
    if (suffix === "ogi" && before !== "l") return;
    if (suffix === "li" && !"cdeghkmnrt".includes(before)) return;
    this.#replace(suffix, by);
  }

  #step3(): void {
    const found = STEP_3.find(([suffix]) => this.#ends(suffix));
    if (found === undefined || !this.#inR1(found[0])) return;
    if (found[0] === "ative" && !this.#inR2("ative")) return;
    this.#replace(...found);
  }

  #step4(): void {
    const found = STEP_4.find((suffix) => this.#ends(suffix));
    if (found === undefined || !this.#inR2(found)) return;
    if (found === "ion" && !/[st]ion$/.test(this.#word)) return;
    this.#replace(found, "");
  }

  #step5(): void {
    if (this.#ends("e")) {
      const before = this.#word.slice(0, -1);
      if (this.#inR2("e") || (this.#inR1("e") && !endsShort(before))) {
        this.#word = before;
      }
    } else if (this.#ends("ll") && this.#inR2("l")) {
      this.#replace("l", "");
    }
  }
}

/** Whether a word ends in a short syllable. */
function endsShort(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(word) ||
    /^[aeiouy][^aeiouy]$/.test(word);
}
