/**
 * The abbreviations of named zones, as the time zone database has them today:
 * each with its offset, in quarters of an hour east of UTC, and the zones that
 * use it. Zones that are not here have none: they show their offset.
 *
 * @module
 */

/** Abbreviations with offsets, and the zones. */
export const ZONE_ABBREVIATIONS: readonly (readonly [string, string])[] = [
  [
    "GMT 0",
    "Africa/Abidjan Africa/Accra Africa/Bamako Africa/Banjul " +
    "Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown " +
    "Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou " +
    "Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn " +
    "Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 " +
    "Etc/GMT0 Etc/Greenwich GMT GMT+0 GMT-0 GMT0 Greenwich Iceland",
  ],
  [
    "EAT 12",
    "Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam " +
    "Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi " +
    "Indian/Antananarivo Indian/Comoro Indian/Mayotte",
  ],
  [
    "CET 4",
    "Africa/Algiers Africa/Tunis",
  ],
  [
    "WAT 4",
    "Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa " +
    "Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo " +
    "Africa/Ndjamena Africa/Niamey Africa/Porto-Novo",
  ],
  [
    "CAT 8",
    "Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare " +
    "Africa/Juba Africa/Khartoum Africa/Kigali Africa/Lubumbashi " +
    "Africa/Lusaka Africa/Maputo Africa/Windhoek",
  ],
  [
    "EET 8 EEST 12",
    "Africa/Cairo Asia/Beirut Asia/Famagusta Asia/Gaza Asia/Hebron " +
    "Asia/Nicosia EET Egypt Europe/Athens Europe/Bucharest " +
    "Europe/Chisinau Europe/Helsinki Europe/Kiev Europe/Kyiv " +
    "Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia " +
    "Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod Europe/Vilnius " +
    "Europe/Zaporozhye",
  ],
  [
    "CET 4 CEST 8",
    "Africa/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen CET " +
    "Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin " +
    "Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen " +
    "Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana " +
    "Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco " +
    "Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome " +
    "Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm " +
    "Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna " +
    "Europe/Warsaw Europe/Zagreb Europe/Zurich MET Poland",
  ],
  [
    "SAST 8",
    "Africa/Johannesburg Africa/Maseru Africa/Mbabane",
  ],
  [
    "EET 8",
    "Africa/Tripoli Europe/Kaliningrad Libya",
  ],
  [
    "HST -40 HDT -36",
    "America/Adak America/Atka US/Aleutian",
  ],
  [
    "AKST -36 AKDT -32",
    "America/Anchorage America/Juneau America/Metlakatla America/Nome " +
    "America/Sitka America/Yakutat US/Alaska",
  ],
  [
    "AST -16",
    "America/Anguilla America/Antigua America/Aruba America/Barbados " +
    "America/Blanc-Sablon America/Curacao America/Dominica " +
    "America/Grenada America/Guadeloupe America/Kralendijk " +
    "America/Lower_Princes America/Marigot America/Martinique " +
    "America/Montserrat America/Port_of_Spain America/Puerto_Rico " +
    "America/Santo_Domingo America/St_Barthelemy America/St_Kitts " +
    "America/St_Lucia America/St_Thomas America/St_Vincent " +
    "America/Tortola America/Virgin",
  ],
  [
    "EST -20",
    "America/Atikokan America/Cancun America/Cayman America/Coral_Harbour " +
    "America/Jamaica America/Panama EST Jamaica",
  ],
  [
    "CST -24",
    "America/Bahia_Banderas America/Belize America/Chihuahua " +
    "America/Costa_Rica America/El_Salvador America/Guatemala " +
    "America/Managua America/Merida America/Mexico_City America/Monterrey " +
    "America/Regina America/Swift_Current America/Tegucigalpa " +
    "Canada/Saskatchewan Mexico/General",
  ],
  [
    "MST -28 MDT -24",
    "America/Boise America/Cambridge_Bay America/Ciudad_Juarez " +
    "America/Denver America/Edmonton America/Inuvik America/Shiprock " +
    "America/Yellowknife Canada/Mountain MST7MDT Navajo US/Mountain",
  ],
  [
    "CST -24 CDT -20",
    "America/Chicago America/Indiana/Knox America/Indiana/Tell_City " +
    "America/Knox_IN America/Matamoros America/Menominee " +
    "America/North_Dakota/Beulah America/North_Dakota/Center " +
    "America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River " +
    "America/Rankin_Inlet America/Resolute America/Winnipeg CST6CDT " +
    "Canada/Central US/Central US/Indiana-Starke",
  ],
  [
    "MST -28",
    "America/Creston America/Dawson America/Dawson_Creek " +
    "America/Fort_Nelson America/Hermosillo America/Mazatlan " +
    "America/Phoenix America/Whitehorse Canada/Yukon MST Mexico/BajaSur " +
    "US/Arizona",
  ],
  [
    "EST -20 EDT -16",
    "America/Detroit America/Fort_Wayne America/Grand_Turk " +
    "America/Indiana/Indianapolis America/Indiana/Marengo " +
    "America/Indiana/Petersburg America/Indiana/Vevay " +
    "America/Indiana/Vincennes America/Indiana/Winamac " +
    "America/Indianapolis America/Iqaluit America/Kentucky/Louisville " +
    "America/Kentucky/Monticello America/Louisville America/Montreal " +
    "America/Nassau America/New_York America/Nipigon America/Pangnirtung " +
    "America/Port-au-Prince America/Thunder_Bay America/Toronto " +
    "Canada/Eastern EST5EDT US/East-Indiana US/Eastern US/Michigan",
  ],
  [
    "PST -32 PDT -28",
    "America/Ensenada America/Los_Angeles America/Santa_Isabel " +
    "America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte " +
    "PST8PDT US/Pacific",
  ],
  [
    "AST -16 ADT -12",
    "America/Glace_Bay America/Goose_Bay America/Halifax America/Moncton " +
    "America/Thule Atlantic/Bermuda Canada/Atlantic",
  ],
  [
    "CST -20 CDT -16",
    "America/Havana Cuba",
  ],
  [
    "NST -14 NDT -10",
    "America/St_Johns Canada/Newfoundland",
  ],
  [
    "AEDT 44 AEST 40",
    "Antarctica/Macquarie Australia/ACT Australia/Canberra " +
    "Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW " +
    "Australia/Sydney Australia/Tasmania Australia/Victoria",
  ],
  [
    "NZDT 52 NZST 48",
    "Antarctica/McMurdo Antarctica/South_Pole NZ Pacific/Auckland",
  ],
  [
    "IST 22",
    "Asia/Calcutta Asia/Kolkata",
  ],
  [
    "CST 32",
    "Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau " +
    "Asia/Shanghai Asia/Taipei PRC ROC",
  ],
  [
    "HKT 32",
    "Asia/Hong_Kong Hongkong",
  ],
  [
    "WIB 28",
    "Asia/Jakarta Asia/Pontianak",
  ],
  [
    "WIT 36",
    "Asia/Jayapura",
  ],
  [
    "IST 8 IDT 12",
    "Asia/Jerusalem Asia/Tel_Aviv Israel",
  ],
  [
    "PKT 20",
    "Asia/Karachi",
  ],
  [
    "WITA 32",
    "Asia/Makassar Asia/Ujung_Pandang",
  ],
  [
    "PST 32",
    "Asia/Manila",
  ],
  [
    "KST 36",
    "Asia/Pyongyang Asia/Seoul ROK",
  ],
  [
    "JST 36",
    "Asia/Tokyo Japan",
  ],
  [
    "WET 0 WEST 4",
    "Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira " +
    "Europe/Lisbon Portugal WET",
  ],
  [
    "ACDT 42 ACST 38",
    "Australia/Adelaide Australia/Broken_Hill Australia/South " +
    "Australia/Yancowinna",
  ],
  [
    "AEST 40",
    "Australia/Brisbane Australia/Lindeman Australia/Queensland",
  ],
  [
    "ACST 38",
    "Australia/Darwin Australia/North",
  ],
  [
    "AWST 32",
    "Australia/Perth Australia/West",
  ],
  [
    "GMT 0 IST 4",
    "Eire Europe/Dublin",
  ],
  [
    "UTC 0",
    "Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT UTC Universal Zulu",
  ],
  [
    "GMT 0 BST 4",
    "Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey " +
    "Europe/London GB GB-Eire",
  ],
  [
    "MSK 12",
    "Europe/Kirov Europe/Moscow Europe/Simferopol Europe/Volgograd W-SU",
  ],
  [
    "HST -40",
    "HST Pacific/Honolulu Pacific/Johnston US/Hawaii",
  ],
  [
    "ChST 40",
    "Pacific/Guam Pacific/Saipan",
  ],
  [
    "SST -44",
    "Pacific/Midway Pacific/Pago_Pago Pacific/Samoa US/Samoa",
  ],
];
