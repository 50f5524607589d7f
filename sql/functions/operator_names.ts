/**
 * What PostgreSQL calls the functions behind its operators: `int4pl:int4+int4`
 * says that `int4pl(a, b)` is `a + b`.
 *
 * @module
 */

/** One word an operator: the function's name, the left type, symbol, right. */
export const OPERATOR_NAMES = `
bpchar_pattern_ge:bpchar~>=~bpchar bpchar_pattern_gt:bpchar~>~bpchar
bpchar_pattern_le:bpchar~<=~bpchar bpchar_pattern_lt:bpchar~<~bpchar
text_pattern_ge:text~>=~text text_pattern_gt:text~>~text
text_pattern_le:text~<=~text text_pattern_lt:text~<~text
booleq:bool=bool boolge:bool>=bool boolgt:bool>bool boolle:bool<=bool
boollt:bool<bool boolne:bool<>bool byteacat:bytea||bytea byteaeq:bytea=bytea
byteage:bytea>=bytea byteagt:bytea>bytea byteale:bytea<=bytea
bytealt:bytea<bytea byteane:bytea<>bytea chareq:char=char charge:char>=char
chargt:char>char charle:char<=char charlt:char<char charne:char<>char
nameeq:name=name namege:name>=name namegt:name>name namele:name<=name
namelt:name<name namene:name<>name int8and:int8&int8 int8div:int8/int8
int8eq:int8=int8 int8ge:int8>=int8 int8gt:int8>int8 int8le:int8<=int8
int8lt:int8<int8 int8mi:int8-int8 int8mod:int8%int8 int8mul:int8*int8
int8ne:int8<>int8 int8or:int8|int8 int8pl:int8+int8 int8xor:int8#int8
cash_div_int8:money/int8 cash_mul_int8:money*int8 inetmi_int8:inet-int8
inetpl:inet+int8 int8abs:@int8 int8not:~int8 int8um:-int8 int8up:+int8
int2and:int2&int2 int2div:int2/int2 int2eq:int2=int2 int2ge:int2>=int2
int2gt:int2>int2 int2le:int2<=int2 int2lt:int2<int2 int2mi:int2-int2
int2mod:int2%int2 int2mul:int2*int2 int2ne:int2<>int2 int2or:int2|int2
int2pl:int2+int2 int2xor:int2#int2 cash_div_int2:money/int2
cash_mul_int2:money*int2 int2abs:@int2 int2not:~int2 int2um:-int2 int2up:+int2
int8shl:int8<<int4 int8shr:int8>>int4 int2shl:int2<<int4 int2shr:int2>>int4
int4and:int4&int4 int4div:int4/int4 int4eq:int4=int4 int4ge:int4>=int4
int4gt:int4>int4 int4le:int4<=int4 int4lt:int4<int4 int4mi:int4-int4
int4mod:int4%int4 int4mul:int4*int4 int4ne:int4<>int4 int4or:int4|int4
int4pl:int4+int4 int4shl:int4<<int4 int4shr:int4>>int4 int4xor:int4#int4
xideqint4:xid=int4 xidneqint4:xid<>int4 json_array_element:json->int4
json_array_element_text:json->>int4 cash_div_int4:money/int4
cash_mul_int4:money*int4 date_mii:date-int4 date_pli:date+int4
bitshiftleft:bit<<int4 bitshiftright:bit>>int4 jsonb_array_element:jsonb->int4
jsonb_array_element_text:jsonb->>int4 jsonb_delete:jsonb-int4 int4abs:@int4
int4not:~int4 int4um:-int4 int4up:+int4 nameiclike:name~~*text
nameicnlike:name!~~*text nameicregexeq:name~*text nameicregexne:name!~*text
namelike:name~~text namenlike:name!~~text nameregexeq:name~text
nameregexne:name!~text text_ge:text>=text text_gt:text>text text_le:text<=text
text_lt:text<text textcat:text||text texteq:text=text texticlike:text~~*text
texticnlike:text!~~*text texticregexeq:text~*text texticregexne:text!~*text
textlike:text~~text textne:text<>text textnlike:text!~~text
textregexeq:text~text textregexne:text!~text ts_match_tt:text@@text
json_object_field_text:json->>text bpchariclike:bpchar~~*text
bpcharicnlike:bpchar!~~*text bpcharicregexeq:bpchar~*text
bpcharicregexne:bpchar!~*text bpcharlike:bpchar~~text bpcharnlike:bpchar!~~text
bpcharregexeq:bpchar~text bpcharregexne:bpchar!~text
anytextcat:anynonarray||text jsonb_delete:jsonb-text jsonb_exists:jsonb?text
jsonb_object_field_text:jsonb->>text oideq:oid=oid oidge:oid>=oid oidgt:oid>oid
oidle:oid<=oid oidlt:oid<oid oidne:oid<>oid tideq:tid=tid tidge:tid>=tid
tidgt:tid>tid tidle:tid<=tid tidlt:tid<tid tidne:tid<>tid xideq:xid=xid
xidneq:xid<>xid cideq:cid=cid point_above:point|>>point
point_above:point>^point point_add:point+point point_below:point<<|point
point_below:point<^point point_distance:point<->point point_div:point/point
point_eq:point~=point point_horiz:point?-point point_left:point<<point
point_mul:point*point point_ne:point<>point point_right:point>>point
point_sub:point-point point_vert:point?|point dist_sp:lseg<->point
dist_pathp:path<->point path_add_pt:path+point path_contain_pt:path@>point
path_div_pt:path/point path_mul_pt:path*point path_sub_pt:path-point
box_add:box+point box_contain_pt:box@>point box_div:box/point box_mul:box*point
box_sub:box-point dist_bp:box<->point dist_polyp:polygon<->point
poly_contain_pt:polygon@>point dist_lp:line<->point circle_add_pt:circle+point
circle_contain_pt:circle@>point circle_div_pt:circle/point
circle_mul_pt:circle*point circle_sub_pt:circle-point
dist_cpoint:circle<->point close_ps:point##lseg dist_ps:point<->lseg
on_ps:point<@lseg close_lseg:lseg##lseg lseg_distance:lseg<->lseg
lseg_eq:lseg=lseg lseg_ge:lseg>=lseg lseg_gt:lseg>lseg lseg_interpt:lseg#lseg
lseg_intersect:lseg?#lseg lseg_le:lseg<=lseg lseg_lt:lseg<lseg
lseg_ne:lseg<>lseg lseg_parallel:lseg?||lseg lseg_perp:lseg?-|lseg
dist_bs:box<->lseg close_ls:line##lseg dist_ls:line<->lseg lseg_center:@@lseg
lseg_horizontal:?-lseg lseg_length:@-@lseg lseg_vertical:?|lseg
dist_ppath:point<->path on_ppath:point<@path path_add:path+path
path_distance:path<->path path_inter:path?#path path_n_eq:path=path
path_n_ge:path>=path path_n_gt:path>path path_n_le:path<=path
path_n_lt:path<path path_length:@-@path path_npoints:#path close_pb:point##box
dist_pb:point<->box on_pb:point<@box close_sb:lseg##box dist_sb:lseg<->box
inter_sb:lseg?#box on_sb:lseg<@box box_above:box|>>box box_above_eq:box>^box
box_below:box<<|box box_below_eq:box<^box box_contain:box@>box
box_contained:box<@box box_distance:box<->box box_eq:box=box box_ge:box>=box
box_gt:box>box box_intersect:box#box box_le:box<=box box_left:box<<box
box_lt:box<box box_overabove:box|&>box box_overbelow:box&<|box
box_overlap:box&&box box_overlap:box?#box box_overleft:box&<box
box_overright:box&>box box_right:box>>box box_same:box~=box inter_lb:line?#box
box_center:@@box dist_ppoly:point<->polygon pt_contained_poly:point<@polygon
poly_above:polygon|>>polygon poly_below:polygon<<|polygon
poly_contain:polygon@>polygon poly_contained:polygon<@polygon
poly_distance:polygon<->polygon poly_left:polygon<<polygon
poly_overabove:polygon|&>polygon poly_overbelow:polygon&<|polygon
poly_overlap:polygon&&polygon poly_overleft:polygon&<polygon
poly_overright:polygon&>polygon poly_right:polygon>>polygon
poly_same:polygon~=polygon dist_cpoly:circle<->polygon poly_center:@@polygon
poly_npoints:#polygon close_pl:point##line dist_pl:point<->line
on_pl:point<@line dist_sl:lseg<->line inter_sl:lseg?#line on_sl:lseg<@line
line_distance:line<->line line_eq:line=line line_interpt:line#line
line_intersect:line?#line line_parallel:line?||line line_perp:line?-|line
line_horizontal:?-line line_vertical:?|line float4div:float4/float4
float4eq:float4=float4 float4ge:float4>=float4 float4gt:float4>float4
float4le:float4<=float4 float4lt:float4<float4 float4mi:float4-float4
float4mul:float4*float4 float4ne:float4<>float4 float4pl:float4+float4
float84div:float8/float4 float84eq:float8=float4 float84ge:float8>=float4
float84gt:float8>float4 float84le:float8<=float4 float84lt:float8<float4
float84mi:float8-float4 float84mul:float8*float4 float84ne:float8<>float4
float84pl:float8+float4 cash_div_flt4:money/float4 cash_mul_flt4:money*float4
float4abs:@float4 float4um:-float4 float4up:+float4 float48div:float4/float8
float48eq:float4=float8 float48ge:float4>=float8 float48gt:float4>float8
float48le:float4<=float8 float48lt:float4<float8 float48mi:float4-float8
float48mul:float4*float8 float48ne:float4<>float8 float48pl:float4+float8
dpow:float8^float8 float8div:float8/float8 float8eq:float8=float8
float8ge:float8>=float8 float8gt:float8>float8 float8le:float8<=float8
float8lt:float8<float8 float8mi:float8-float8 float8mul:float8*float8
float8ne:float8<>float8 float8pl:float8+float8 cash_div_flt8:money/float8
cash_mul_flt8:money*float8 interval_div:interval/float8
interval_mul:interval*float8 dcbrt:||/float8 dsqrt:|/float8 float8abs:@float8
float8um:-float8 float8up:+float8 dist_pc:point<->circle
pt_contained_circle:point<@circle dist_polyc:polygon<->circle
circle_above:circle|>>circle circle_below:circle<<|circle
circle_contain:circle@>circle circle_contained:circle<@circle
circle_distance:circle<->circle circle_eq:circle=circle
circle_ge:circle>=circle circle_gt:circle>circle circle_le:circle<=circle
circle_left:circle<<circle circle_lt:circle<circle circle_ne:circle<>circle
circle_overabove:circle|&>circle circle_overbelow:circle&<|circle
circle_overlap:circle&&circle circle_overleft:circle&<circle
circle_overright:circle&>circle circle_right:circle>>circle
circle_same:circle~=circle circle_center:@@circle
macaddr8_and:macaddr8&macaddr8 macaddr8_eq:macaddr8=macaddr8
macaddr8_ge:macaddr8>=macaddr8 macaddr8_gt:macaddr8>macaddr8
macaddr8_le:macaddr8<=macaddr8 macaddr8_lt:macaddr8<macaddr8
macaddr8_ne:macaddr8<>macaddr8 macaddr8_or:macaddr8|macaddr8
macaddr8_not:~macaddr8 int8_mul_cash:int8*money int2_mul_cash:int2*money
int4_mul_cash:int4*money flt4_mul_cash:float4*money flt8_mul_cash:float8*money
cash_div_cash:money/money cash_eq:money=money cash_ge:money>=money
cash_gt:money>money cash_le:money<=money cash_lt:money<money
cash_mi:money-money cash_ne:money<>money cash_pl:money+money
macaddr_and:macaddr&macaddr macaddr_eq:macaddr=macaddr
macaddr_ge:macaddr>=macaddr macaddr_gt:macaddr>macaddr
macaddr_le:macaddr<=macaddr macaddr_lt:macaddr<macaddr
macaddr_ne:macaddr<>macaddr macaddr_or:macaddr|macaddr macaddr_not:~macaddr
int8pl_inet:int8+inet inetand:inet&inet inetmi:inet-inet inetor:inet|inet
network_eq:inet=inet network_ge:inet>=inet network_gt:inet>inet
network_le:inet<=inet network_lt:inet<inet network_ne:inet<>inet
network_overlap:inet&&inet network_sub:inet<<inet network_subeq:inet<<=inet
network_sup:inet>>inet network_supeq:inet>>=inet inetnot:~inet
json_extract_path:json#>_text json_extract_path_text:json#>>_text
jsonb_delete:jsonb-_text jsonb_delete_path:jsonb#-_text
jsonb_exists_all:jsonb?&_text jsonb_exists_any:jsonb?|_text
jsonb_extract_path:jsonb#>_text jsonb_extract_path_text:jsonb#>>_text
bpchareq:bpchar=bpchar bpcharge:bpchar>=bpchar bpchargt:bpchar>bpchar
bpcharle:bpchar<=bpchar bpcharlt:bpchar<bpchar bpcharne:bpchar<>bpchar
integer_pl_date:int4+date date_eq:date=date date_ge:date>=date
date_gt:date>date date_le:date<=date date_lt:date<date date_mi:date-date
date_ne:date<>date timedate_pl:time+date interval_pl_date:interval+date
timetzdate_pl:timetz+date datetime_pl:date+time time_eq:time=time
time_ge:time>=time time_gt:time>time time_le:time<=time time_lt:time<time
time_mi_time:time-time time_ne:time<>time interval_pl_time:interval+time
timestamp_eq:timestamp=timestamp timestamp_ge:timestamp>=timestamp
timestamp_gt:timestamp>timestamp timestamp_le:timestamp<=timestamp
timestamp_lt:timestamp<timestamp timestamp_mi:timestamp-timestamp
timestamp_ne:timestamp<>timestamp interval_pl_timestamp:interval+timestamp
timestamptz_eq:timestamptz=timestamptz timestamptz_ge:timestamptz>=timestamptz
timestamptz_gt:timestamptz>timestamptz timestamptz_le:timestamptz<=timestamptz
timestamptz_lt:timestamptz<timestamptz timestamptz_mi:timestamptz-timestamptz
timestamptz_ne:timestamptz<>timestamptz
interval_pl_timestamptz:interval+timestamptz mul_d_interval:float8*interval
date_mi_interval:date-interval date_pl_interval:date+interval
time_mi_interval:time-interval time_pl_interval:time+interval
timestamp_mi_interval:timestamp-interval
timestamp_pl_interval:timestamp+interval
timestamptz_mi_interval:timestamptz-interval
timestamptz_pl_interval:timestamptz+interval interval_eq:interval=interval
interval_ge:interval>=interval interval_gt:interval>interval
interval_le:interval<=interval interval_lt:interval<interval
interval_mi:interval-interval interval_ne:interval<>interval
interval_pl:interval+interval timetz_mi_interval:timetz-interval
timetz_pl_interval:timetz+interval interval_um:-interval
datetimetz_pl:date+timetz interval_pl_timetz:interval+timetz
timetz_eq:timetz=timetz timetz_ge:timetz>=timetz timetz_gt:timetz>timetz
timetz_le:timetz<=timetz timetz_lt:timetz<timetz timetz_ne:timetz<>timetz
bitand:bit&bit biteq:bit=bit bitge:bit>=bit bitgt:bit>bit bitle:bit<=bit
bitlt:bit<bit bitne:bit<>bit bitor:bit|bit bitxor:bit#bit bitnot:~bit
bitcat:varbit||varbit varbiteq:varbit=varbit varbitge:varbit>=varbit
varbitgt:varbit>varbit varbitle:varbit<=varbit varbitlt:varbit<varbit
varbitne:varbit<>varbit numeric_add:numeric+numeric numeric_div:numeric/numeric
numeric_eq:numeric=numeric numeric_ge:numeric>=numeric
numeric_gt:numeric>numeric numeric_le:numeric<=numeric
numeric_lt:numeric<numeric numeric_mod:numeric%numeric
numeric_mul:numeric*numeric numeric_ne:numeric<>numeric
numeric_power:numeric^numeric numeric_sub:numeric-numeric
pg_lsn_mii:pg_lsn-numeric pg_lsn_pli:pg_lsn+numeric numeric_abs:@numeric
numeric_uminus:-numeric numeric_uplus:+numeric record_eq:record=record
record_ge:record>=record record_gt:record>record record_le:record<=record
record_lt:record<record record_ne:record<>record array_eq:anyarray=anyarray
array_ge:anyarray>=anyarray array_gt:anyarray>anyarray
array_le:anyarray<=anyarray array_lt:anyarray<anyarray
array_ne:anyarray<>anyarray arraycontained:anyarray<@anyarray
arraycontains:anyarray@>anyarray arrayoverlap:anyarray&&anyarray
range_contains_elem:anyrange@>anyelement
multirange_contains_elem:anymultirange@>anyelement textanycat:text||anynonarray
uuid_eq:uuid=uuid uuid_ge:uuid>=uuid uuid_gt:uuid>uuid uuid_le:uuid<=uuid
uuid_lt:uuid<uuid uuid_ne:uuid<>uuid numeric_pl_pg_lsn:numeric+pg_lsn
pg_lsn_eq:pg_lsn=pg_lsn pg_lsn_ge:pg_lsn>=pg_lsn pg_lsn_gt:pg_lsn>pg_lsn
pg_lsn_le:pg_lsn<=pg_lsn pg_lsn_lt:pg_lsn<pg_lsn pg_lsn_mi:pg_lsn-pg_lsn
pg_lsn_ne:pg_lsn<>pg_lsn enum_eq:anyenum=anyenum enum_ge:anyenum>=anyenum
enum_gt:anyenum>anyenum enum_le:anyenum<=anyenum enum_lt:anyenum<anyenum
enum_ne:anyenum<>anyenum tsvector_eq:tsvector=tsvector
tsvector_ge:tsvector>=tsvector tsvector_gt:tsvector>tsvector
tsvector_le:tsvector<=tsvector tsvector_lt:tsvector<tsvector
tsvector_ne:tsvector<>tsvector ts_match_qv:tsquery@@tsvector
ts_match_tq:text@@tsquery ts_match_vq:tsvector@@tsquery
tsq_mcontained:tsquery<@tsquery tsq_mcontains:tsquery@>tsquery
tsquery_and:tsquery&&tsquery tsquery_eq:tsquery=tsquery
tsquery_ge:tsquery>=tsquery tsquery_gt:tsquery>tsquery
tsquery_le:tsquery<=tsquery tsquery_lt:tsquery<tsquery
tsquery_ne:tsquery<>tsquery tsquery_or:tsquery||tsquery tsquery_not:!!tsquery
jsonb_concat:jsonb||jsonb jsonb_contained:jsonb<@jsonb
jsonb_contains:jsonb@>jsonb jsonb_eq:jsonb=jsonb jsonb_ge:jsonb>=jsonb
jsonb_gt:jsonb>jsonb jsonb_le:jsonb<=jsonb jsonb_lt:jsonb<jsonb
jsonb_ne:jsonb<>jsonb elem_contained_by_range:anyelement<@anyrange
range_adjacent:anyrange-|-anyrange range_after:anyrange>>anyrange
range_before:anyrange<<anyrange range_contained_by:anyrange<@anyrange
range_contains:anyrange@>anyrange range_eq:anyrange=anyrange
range_ge:anyrange>=anyrange range_gt:anyrange>anyrange
range_intersect:anyrange*anyrange range_le:anyrange<=anyrange
range_lt:anyrange<anyrange range_minus:anyrange-anyrange
range_ne:anyrange<>anyrange range_overlaps:anyrange&&anyrange
range_overleft:anyrange&<anyrange range_overright:anyrange&>anyrange
range_union:anyrange+anyrange
multirange_adjacent_range:anymultirange-|-anyrange
multirange_after_range:anymultirange>>anyrange
multirange_before_range:anymultirange<<anyrange
multirange_contained_by_range:anymultirange<@anyrange
multirange_contains_range:anymultirange@>anyrange
multirange_overlaps_range:anymultirange&&anyrange
multirange_overleft_range:anymultirange&<anyrange
multirange_overright_range:anymultirange&>anyrange
jsonb_path_exists_opr:jsonb@?jsonpath jsonb_path_match_opr:jsonb@@jsonpath
elem_contained_by_multirange:anyelement<@anymultirange
range_adjacent_multirange:anyrange-|-anymultirange
range_after_multirange:anyrange>>anymultirange
range_before_multirange:anyrange<<anymultirange
range_contained_by_multirange:anyrange<@anymultirange
range_contains_multirange:anyrange@>anymultirange
range_overlaps_multirange:anyrange&&anymultirange
range_overleft_multirange:anyrange&<anymultirange
range_overright_multirange:anyrange&>anymultirange
multirange_adjacent_multirange:anymultirange-|-anymultirange
multirange_after_multirange:anymultirange>>anymultirange
multirange_before_multirange:anymultirange<<anymultirange
multirange_contained_by_multirange:anymultirange<@anymultirange
multirange_contains_multirange:anymultirange@>anymultirange
multirange_eq:anymultirange=anymultirange
multirange_ge:anymultirange>=anymultirange
multirange_gt:anymultirange>anymultirange
multirange_intersect:anymultirange*anymultirange
multirange_le:anymultirange<=anymultirange
multirange_lt:anymultirange<anymultirange
multirange_minus:anymultirange-anymultirange
multirange_ne:anymultirange<>anymultirange
multirange_overlaps_multirange:anymultirange&&anymultirange
multirange_overleft_multirange:anymultirange&<anymultirange
multirange_overright_multirange:anymultirange&>anymultirange
multirange_union:anymultirange+anymultirange xid8eq:xid8=xid8 xid8ge:xid8>=xid8
xid8gt:xid8>xid8 xid8le:xid8<=xid8 xid8lt:xid8<xid8 xid8ne:xid8<>xid8
`;

/** The functions that give the larger (`max`) of two, by type. */
export const LARGER_NAMES = `
int2larger:int2 int4larger:int4 int8larger:int8 float4larger:float4
float8larger:float8 numeric_larger:numeric text_larger:text
bpchar_larger:bpchar date_larger:date time_larger:time timetz_larger:timetz
timestamp_larger:timestamp timestamptz_larger:timestamptz
interval_larger:interval cashlarger:money oidlarger:oid network_larger:inet
pg_lsn_larger:pg_lsn xid8_larger:xid8 tidlarger:tid bytea_larger:bytea
`;

/** The functions that say which of two comes first, by type. */
export const COMPARE_NAMES = `
bitcmp:bit bpcharcmp:bpchar btboolcmp:bool btfloat4cmp:float4
btfloat8cmp:float8 btint2cmp:int2 btint4cmp:int4 btint8cmp:int8
btnamecmp:name btoidcmp:oid bttextcmp:text bttext_pattern_cmp:text
bttidcmp:tid byteacmp:bytea cash_cmp:money date_cmp:date interval_cmp:interval
jsonb_cmp:jsonb macaddr8_cmp:macaddr8 macaddr_cmp:macaddr network_cmp:inet
numeric_cmp:numeric pg_lsn_cmp:pg_lsn time_cmp:time timestamp_cmp:timestamp
timestamptz_cmp:timestamptz timetz_cmp:timetz tsquery_cmp:tsquery
tsvector_cmp:tsvector uuid_cmp:uuid varbitcmp:varbit xid8cmp:xid8
`;

/** Functions that are others under a name of their own. */
export const ALIAS_NAMES = `
textlen=length:text dexp=exp:float8 dlog1=ln:float8 dlog10=log:float8
dround=round:float8 dtrunc=trunc:float8
numeric_exp=exp:numeric numeric_ln=ln:numeric numeric_sqrt=sqrt:numeric
numeric_log=log:numeric,numeric
`;
