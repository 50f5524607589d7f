/**
 * The words of TPC-H: names, kinds and texts that its queries look for.
 *
 * @module
 */

/** The regions. */
export const REGIONS: readonly string[] = [
  "AFRICA",
  "AMERICA",
  "ASIA",
  "EUROPE",
  "MIDDLE EAST",
];

/** The nations, and the region of each by number. */
export const NATIONS: readonly (readonly [name: string, region: number])[] = [
  ["ALGERIA", 0],
  ["ARGENTINA", 1],
  ["BRAZIL", 1],
  ["CANADA", 1],
  ["EGYPT", 4],
  ["ETHIOPIA", 0],
  ["FRANCE", 3],
  ["GERMANY", 3],
  ["INDIA", 2],
  ["INDONESIA", 2],
  ["IRAN", 4],
  ["IRAQ", 4],
  ["JAPAN", 2],
  ["JORDAN", 4],
  ["KENYA", 0],
  ["MOROCCO", 0],
  ["MOZAMBIQUE", 0],
  ["PERU", 1],
  ["CHINA", 2],
  ["ROMANIA", 3],
  ["SAUDI ARABIA", 4],
  ["VIETNAM", 2],
  ["RUSSIA", 3],
  ["UNITED KINGDOM", 3],
  ["UNITED STATES", 1],
];

/** Market segments. */
export const SEGMENTS: readonly string[] = [
  "AUTOMOBILE",
  "BUILDING",
  "FURNITURE",
  "MACHINERY",
  "HOUSEHOLD",
];

/** Priorities of orders. */
export const PRIORITIES: readonly string[] = [
  "1-URGENT",
  "2-HIGH",
  "3-MEDIUM",
  "4-NOT SPECIFIED",
  "5-LOW",
];

/** Instructions of shipping. */
export const INSTRUCTIONS: readonly string[] = [
  "DELIVER IN PERSON",
  "COLLECT COD",
  "NONE",
  "TAKE BACK RETURN",
];

/** Ways of shipping. */
export const MODES: readonly string[] = [
  "REG AIR",
  "AIR",
  "RAIL",
  "SHIP",
  "TRUCK",
  "MAIL",
  "FOB",
];

/** The three parts of a part's type. */
export const TYPES: readonly (readonly string[])[] = [
  ["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"],
  ["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"],
  ["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"],
];

/** The two parts of a container. */
export const CONTAINERS: readonly (readonly string[])[] = [
  ["SM", "LG", "MED", "JUMBO", "WRAP"],
  ["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"],
];

/** Words of parts' names. */
export const COLORS: readonly string[] =
  ("almond antique aquamarine azure beige bisque black blanched blue blush " +
    "brown burlywood burnished chartreuse chiffon chocolate coral cornflower " +
    "cornsilk cream cyan dark deep dim dodger drab firebrick floral forest " +
    "frosted gainsboro ghost goldenrod green grey honeydew hot indian ivory " +
    "khaki lace lavender lawn lemon light lime linen magenta maroon medium " +
    "metallic midnight mint misty moccasin navajo navy olive orange orchid " +
    "pale papaya peach peru pink plum powder puff purple red rose rosy royal " +
    "saddle salmon sandy seashell sienna sky slate smoke snow spring steel " +
    "tan thistle tomato turquoise violet wheat white yellow").split(" ");

/** Words of comments. */
export const WORDS: readonly string[] =
  ("furiously quickly slyly carefully blithely express regular final ironic " +
    "pending bold even silent unusual special packages requests accounts " +
    "deposits foxes ideas theodolites pinto beans instructions dependencies " +
    "excuses platelets asymptotes courts dolphins multipliers sleep wake haggle " +
    "nag cajole boost detect integrate among above against along").split(" ");
