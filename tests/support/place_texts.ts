/**
 * Texts of network addresses, amounts and places that are hard to read, for the
 * oracle of types.
 *
 * @module
 */
import type { DataType } from "../../sql/types/data_type.ts";
import { money } from "../../sql/types/money_type.ts";
import { macaddr, macaddr8 } from "../../sql/types/network/hardware_types.ts";
import { cidr, inet } from "../../sql/types/network/network_types.ts";
import { cid, pgLsn, tid, xid, xid8 } from "../../sql/types/place_types.ts";

const NETWORKS = [
  "10.1.2.3|10.1.2.3/8|10|10.1|10.1/16|10.1.2.3.|10.1.2|1.2.3.4.5|1.2.3.4/33",
  "256.1.1.1|1.2.3.4/|1.2.3.4/x|1.2.3.4/08|.1|1..2|/8| 10.1.2.3|10.1.2.3 |x",
  "224|224.1|192.168|172.16|240|0xC0A8|0xc0a801/24|0x1|0xC0A80101FF|1.2.3.4/ 8",
  "::|::1|1::|1::2|::1.2.3.4|::ffff:1.2.3.4|::ffff:0:1.2.3.4|1:2:3:4:5:6:7:8",
  "1:2:3:4:5:6:7:8:9|1:2:3:4:5:6:7|1::2::3|:::|:1|1:|12345::|g::|::1/128|::1/129",
  "2001:4f8:3:ba::/64|2001:4f8:3:ba:2e0:81ff:fe22:d1f1|::/0|::1/064|ABCD::",
  "1:2:3:4:5:6:1.2.3.4|1:2:3:4:5:6:7:1.2.3.4|::1.2.3|::1.2.3.256|::01.2.3.4|",
  "1:0:0:2:0:0:0:3|0:0:1::|fe80::1%eth0|::ffff:1.2.3.0/120|::1:0/112|0:1:0:2::",
].flatMap((line) => line.split("|"));

const NETWORK_PIECES = "10 0 255 192.168 . : :: / 8 24 ffff abcd 1.2.3.4 2001"
  .split(" ");

const HARDWARE = [
  "08:00:2b:01:02:03|08-00-2b-01-02-03|08002b:010203|08002b-010203",
  "0800.2b01.0203|0800-2b01-0203|08002b010203|0800:2b01:0203|not even close",
  "8:0:2b:1:2:3|08:00:2b:01:02:03 |08:00:2b:01:02:03 x|08:00:2b:01:02:103",
  "08:00:2b:01:02:0x3|-1:0:0:0:0:0|08:00:2b:01:02| 08:00:2b:01:02:03|",
  "08:00:2b:01:02:03:04:05|08-00-2b-01-02-03-04-05|08002b:0102030405",
  "08002b-0102030405|0800.2b01.0203.0405|08002b0102030405|08:00-2b:01:02:03",
  "08002b010203x|08:00:2b:01:02:03:04:05:06|08:00:2b:01:02:03:04:0Z",
  "0800:2b01:0203:0405|08:00:2b:01:02:03 :04:05|    08:00:2b:01:02:03:04:05   ",
].flatMap((line) => line.split("|"));

const HARDWARE_PIECES = "08 00 2b 0 f FF 123 : - . x".split(" ").concat([
  " ",
  "08:00:2b",
  "0800.2b01",
]);

const AMOUNTS = [
  "0|1|-1|$1|-$1|$-1|($1)|(1)|1.5|1.50|1.505|1.504|1.5051|.5|.|5.|-.5|1,234.56",
  "$1,234.56|1,2,3|1,|,1|1-|1$|1 $|-1-|1)|(1|+1|$ 1|- $ 1|1 -|1 + ) $|x|1x|",
  "92233720368547758.07|92233720368547758.08|-92233720368547758.08",
  "-92233720368547758.09|92233720368547758.075|1e5|$$1|--1|1..2|1.2.3| 1 |NaN",
  "123456789012345678|1234567890123456789012|-$92,233,720,368,547,758.08",
].flatMap((line) => line.split("|"));

/** Texts by type, with pieces to make more of. */
export const PLACE_CORPORA: readonly {
  readonly type: DataType;
  readonly texts: readonly string[];
  readonly pieces: readonly string[];
  readonly lenient?: boolean;
}[] = [
  ...[inet, cidr].map((type) => ({
    type,
    texts: NETWORKS,
    pieces: NETWORK_PIECES,
  })),
  ...[macaddr, macaddr8].map((type) => ({
    type,
    texts: HARDWARE,
    pieces: HARDWARE_PIECES,
  })),
  {
    type: money,
    texts: AMOUNTS,
    pieces: "0 1 5 99 123 . , $ - + ( )".split(" ").concat([" ", "e"]),
  },
  ...[xid, cid].map((type) => ({
    type,
    // The oracle's long has 32 bits: no number beyond those here.
    texts: "0|1| 12 |007|010|0x1F|-1|4294967295|-2147483648|1x|-|x|1_0|1.0|"
      .split("|"),
    pieces: "1 7 - + 0 _ e 12".split(" ").concat([" "]),
  })),
  {
    type: xid8,
    texts:
      "0|1| 12 |010|0xffffffffffffffff|-1|18446744073709551615|18446744073709551616|1x||asdf"
        .split("|"),
    pieces: "1 7 - + 0 _ e 12 99999999".split(" ").concat([" "]),
  },
  {
    type: tid,
    texts:
      "(0,0)|(0,1)|(-1,0)|(4294967295,65535)|(0,-1)|(0,65536)|(0, 1)|( 0,1)|(0 ,1)|(0)|(1,2,3)|(1,2|1,2)|()|x|(1,2)x|x(1,2)|"
        .split("|"),
    pieces: "( ) , 1 22 0 - x".split(" ").concat([" "]),
    lenient: true,
  },
  {
    type: pgLsn,
    texts:
      "0/0|FFFFFFFF/FFFFFFFF|G/0|-1/0| 0/12345678|ABCD/|/ABCD|16/b374d848|0/123456789|1/2 |"
        .split("|"),
    pieces: "0 1 F a / G 12345678".split(" ").concat([" "]),
  },
];
