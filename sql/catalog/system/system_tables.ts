// deno-lint-ignore-file camelcase -- these are the names of tables
/**
 * The tables of `pg_catalog`: their OIDs and columns, as PostgreSQL 18 has
 * them.
 *
 * @module
 */

/** A table of the system: its OID, and its columns with their types. */
export interface SystemTable {
  readonly id: number;
  /** `name type`, one after the other, with commas. */
  readonly columns: string;
}

/** The tables of `pg_catalog`, by name. */
export const SYSTEM_TABLES: Readonly<Record<string, SystemTable>> = {
  pg_namespace: {
    id: 2615,
    columns: `
      oid oid, nspname name, nspowner oid, nspacl _aclitem
    `,
  },
  pg_class: {
    id: 1259,
    columns: `
      oid oid, relname name, relnamespace oid, reltype oid, reloftype
      oid, relowner oid, relam oid, relfilenode oid, reltablespace oid,
      relpages int4, reltuples float4, relallvisible int4, relallfrozen
      int4, reltoastrelid oid, relhasindex bool, relisshared bool,
      relpersistence char, relkind char, relnatts int2, relchecks int2,
      relhasrules bool, relhastriggers bool, relhassubclass bool,
      relrowsecurity bool, relforcerowsecurity bool, relispopulated
      bool, relreplident char, relispartition bool, relrewrite oid,
      relfrozenxid xid, relminmxid xid, relacl _aclitem, reloptions
      _text, relpartbound pg_node_tree
    `,
  },
  pg_attribute: {
    id: 1249,
    columns: `
      attrelid oid, attname name, atttypid oid, attlen int2, attnum
      int2, atttypmod int4, attndims int2, attbyval bool, attalign char,
      attstorage char, attcompression char, attnotnull bool, atthasdef
      bool, atthasmissing bool, attidentity char, attgenerated char,
      attisdropped bool, attislocal bool, attinhcount int2, attcollation
      oid, attstattarget int2, attacl _aclitem, attoptions _text,
      attfdwoptions _text, attmissingval anyarray
    `,
  },
  pg_type: {
    id: 1247,
    columns: `
      oid oid, typname name, typnamespace oid, typowner oid, typlen
      int2, typbyval bool, typtype char, typcategory char,
      typispreferred bool, typisdefined bool, typdelim char, typrelid
      oid, typsubscript regproc, typelem oid, typarray oid, typinput
      regproc, typoutput regproc, typreceive regproc, typsend regproc,
      typmodin regproc, typmodout regproc, typanalyze regproc, typalign
      char, typstorage char, typnotnull bool, typbasetype oid, typtypmod
      int4, typndims int4, typcollation oid, typdefaultbin pg_node_tree,
      typdefault text, typacl _aclitem
    `,
  },
  pg_index: {
    id: 2610,
    columns: `
      indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2,
      indisunique bool, indnullsnotdistinct bool, indisprimary bool,
      indisexclusion bool, indimmediate bool, indisclustered bool,
      indisvalid bool, indcheckxmin bool, indisready bool, indislive
      bool, indisreplident bool, indkey int2vector, indcollation
      oidvector, indclass oidvector, indoption int2vector, indexprs
      pg_node_tree, indpred pg_node_tree
    `,
  },
  pg_constraint: {
    id: 2606,
    columns: `
      oid oid, conname name, connamespace oid, contype char,
      condeferrable bool, condeferred bool, conenforced bool,
      convalidated bool, conrelid oid, contypid oid, conindid oid,
      conparentid oid, confrelid oid, confupdtype char, confdeltype
      char, confmatchtype char, conislocal bool, coninhcount int2,
      connoinherit bool, conperiod bool, conkey _int2, confkey _int2,
      conpfeqop _oid, conppeqop _oid, conffeqop _oid, confdelsetcols
      _int2, conexclop _oid, conbin pg_node_tree
    `,
  },
  pg_am: {
    id: 2601,
    columns: `
      oid oid, amname name, amhandler regproc, amtype char
    `,
  },
  pg_proc: {
    id: 1255,
    columns: `
      oid oid, proname name, pronamespace oid, proowner oid, prolang
      oid, procost float4, prorows float4, provariadic oid, prosupport
      regproc, prokind char, prosecdef bool, proleakproof bool,
      proisstrict bool, proretset bool, provolatile char, proparallel
      char, pronargs int2, pronargdefaults int2, prorettype oid,
      proargtypes oidvector, proallargtypes _oid, proargmodes _char,
      proargnames _text, proargdefaults pg_node_tree, protrftypes _oid,
      prosrc text, probin text, prosqlbody pg_node_tree, proconfig
      _text, proacl _aclitem
    `,
  },
  pg_opclass: {
    id: 2616,
    columns: `
      oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner
      oid, opcfamily oid, opcintype oid, opcdefault bool, opckeytype oid
    `,
  },
  pg_opfamily: {
    id: 2753,
    columns: `
      oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner
      oid
    `,
  },
  pg_description: {
    id: 2609,
    columns: `
      objoid oid, classoid oid, objsubid int4, description text
    `,
  },
  pg_shdescription: {
    id: 2396,
    columns: `
      objoid oid, classoid oid, description text
    `,
  },
  pg_db_role_setting: {
    id: 2964,
    columns: `
      setdatabase oid, setrole oid, setconfig _text
    `,
  },
  pg_default_acl: {
    id: 826,
    columns: `
      oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char,
      defaclacl _aclitem
    `,
  },
  pg_depend: {
    id: 2608,
    columns: `
      classid oid, objid oid, objsubid int4, refclassid oid, refobjid
      oid, refobjsubid int4, deptype char
    `,
  },
  pg_attrdef: {
    id: 2604,
    columns: `
      oid oid, adrelid oid, adnum int2, adbin pg_node_tree
    `,
  },
  pg_sequence: {
    id: 2224,
    columns: `
      seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8,
      seqmax int8, seqmin int8, seqcache int8, seqcycle bool
    `,
  },
  pg_enum: {
    id: 3501,
    columns: `
      oid oid, enumtypid oid, enumsortorder float4, enumlabel name
    `,
  },
  pg_range: {
    id: 3541,
    columns: `
      rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid,
      rngsubopc oid, rngcanonical regproc, rngsubdiff regproc
    `,
  },
  pg_collation: {
    id: 3456,
    columns: `
      oid oid, collname name, collnamespace oid, collowner oid,
      collprovider char, collisdeterministic bool, collencoding int4,
      collcollate text, collctype text, colllocale text, collicurules
      text, collversion text
    `,
  },
  pg_database: {
    id: 1262,
    columns: `
      oid oid, datname name, datdba oid, encoding int4, datlocprovider
      char, datistemplate bool, datallowconn bool, dathasloginevt bool,
      datconnlimit int4, datfrozenxid xid, datminmxid xid, dattablespace
      oid, datcollate text, datctype text, datlocale text, daticurules
      text, datcollversion text, datacl _aclitem
    `,
  },
  pg_authid: {
    id: 1260,
    columns: `
      oid oid, rolname name, rolsuper bool, rolinherit bool,
      rolcreaterole bool, rolcreatedb bool, rolcanlogin bool,
      rolreplication bool, rolbypassrls bool, rolconnlimit int4,
      rolpassword text, rolvaliduntil timestamptz
    `,
  },
  pg_auth_members: {
    id: 1261,
    columns: `
      oid oid, roleid oid, member oid, grantor oid, admin_option bool,
      inherit_option bool, set_option bool
    `,
  },
  pg_tablespace: {
    id: 1213,
    columns: `
      oid oid, spcname name, spcowner oid, spcacl _aclitem, spcoptions
      _text
    `,
  },
  pg_inherits: {
    id: 2611,
    columns: `
      inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool
    `,
  },
  pg_trigger: {
    id: 2620,
    columns: `
      oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid,
      tgtype int2, tgenabled char, tgisinternal bool, tgconstrrelid oid,
      tgconstrindid oid, tgconstraint oid, tgdeferrable bool,
      tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs
      bytea, tgqual pg_node_tree, tgoldtable name, tgnewtable name
    `,
  },
  pg_rewrite: {
    id: 2618,
    columns: `
      oid oid, rulename name, ev_class oid, ev_type char, ev_enabled
      char, is_instead bool, ev_qual pg_node_tree, ev_action
      pg_node_tree
    `,
  },
  pg_transform: {
    id: 3576,
    columns: `
      oid oid, trftype oid, trflang oid, trffromsql regproc, trftosql
      regproc
    `,
  },
  pg_largeobject_metadata: {
    id: 2995,
    columns: `oid oid, lomowner oid, lomacl _aclitem`,
  },
  pg_subscription: {
    id: 6100,
    columns: `
      oid oid, subdbid oid, subskiplsn pg_lsn, subname name, subowner oid,
      subenabled bool, subbinary bool, substream char, subtwophasestate
      char, subdisableonerr bool, subpasswordrequired bool, subrunasowner
      bool, subfailover bool, subconninfo text, subslotname name,
      subsynccommit text, subpublications _text, suborigin text
    `,
  },
  pg_policy: {
    id: 3256,
    columns: `
      oid oid, polname name, polrelid oid, polcmd char, polpermissive
      bool, polroles _oid, polqual pg_node_tree, polwithcheck
      pg_node_tree
    `,
  },
  pg_extension: {
    id: 3079,
    columns: `
      oid oid, extname name, extowner oid, extnamespace oid,
      extrelocatable bool, extversion text, extconfig _oid, extcondition
      _text
    `,
  },
  pg_foreign_table: {
    id: 3118,
    columns: `
      ftrelid oid, ftserver oid, ftoptions _text
    `,
  },
  pg_foreign_server: {
    id: 1417,
    columns: `
      oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text,
      srvversion text, srvacl _aclitem, srvoptions _text
    `,
  },
  pg_statistic: {
    id: 2619,
    columns: `
      starelid oid, staattnum int2, stainherit bool, stanullfrac float4,
      stawidth int4, stadistinct float4,
      stakind1 int2, stakind2 int2, stakind3 int2, stakind4 int2, stakind5 int2, stanumbers1 _float4, stanumbers2 _float4, stanumbers3 _float4, stanumbers4 _float4, stanumbers5 _float4, stavalues1 text, stavalues2 text, stavalues3 text, stavalues4 text, stavalues5 text
    `,
  },
  lsm_table_statistics: {
    id: 16_301,
    columns: `
      relid oid, analyzed_at timestamptz, auto_analyzed_at timestamptz,
      row_count float8
    `,
  },
  lsm_extended_statistics: {
    id: 16_302,
    columns: `
      schemaname name, tablename name, statistics_schemaname name,
      statistics_name name, statistics_owner name, attnames _name,
      exprs _text, kinds _char, inherited bool, n_distinct text,
      dependencies text, most_common_vals _text, most_common_val_nulls _bool,
      most_common_freqs _float8, most_common_base_freqs _float8
    `,
  },
  pg_statistic_ext_data: {
    id: 3429,
    columns: `
      stxoid oid, stxdinherit bool, stxdndistinct text,
      stxddependencies text, stxdmcv text, stxdexpr _text
    `,
  },
  pg_statistic_ext: {
    id: 3381,
    columns: `
      oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner
      oid, stxkeys int2vector, stxstattarget int2, stxkind _char,
      stxexprs pg_node_tree
    `,
  },
  pg_publication: {
    id: 6104,
    columns: `
      oid oid, pubname name, pubowner oid, puballtables bool, pubinsert
      bool, pubupdate bool, pubdelete bool, pubtruncate bool, pubviaroot
      bool, pubgencols char
    `,
  },
  pg_publication_rel: {
    id: 6106,
    columns: `
      oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs
      int2vector
    `,
  },
  pg_publication_namespace: {
    id: 6237,
    columns: `
      oid oid, pnpubid oid, pnnspid oid
    `,
  },
  pg_partitioned_table: {
    id: 3350,
    columns: `
      partrelid oid, partstrat char, partnatts int2, partdefid oid,
      partattrs int2vector, partclass oidvector, partcollation
      oidvector, partexprs pg_node_tree
    `,
  },
  pg_language: {
    id: 2612,
    columns: `
      oid oid, lanname name, lanowner oid, lanispl bool, lanpltrusted
      bool, lanplcallfoid oid, laninline oid, lanvalidator oid, lanacl
      _aclitem
    `,
  },
  pg_operator: {
    id: 2617,
    columns: `
      oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind
      char, oprcanmerge bool, oprcanhash bool, oprleft oid, oprright
      oid, oprresult oid, oprcom oid, oprnegate oid, oprcode regproc,
      oprrest regproc, oprjoin regproc
    `,
  },
  pg_aggregate: {
    id: 2600,
    columns: `
      aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn
      regproc, aggfinalfn regproc, aggcombinefn regproc, aggserialfn
      regproc, aggdeserialfn regproc, aggmtransfn regproc,
      aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool,
      aggmfinalextra bool, aggfinalmodify char, aggmfinalmodify char,
      aggsortop oid, aggtranstype oid, aggtransspace int4, aggmtranstype
      oid, aggmtransspace int4, agginitval text, aggminitval text
    `,
  },
  pg_cast: {
    id: 2605,
    columns: `
      oid oid, castsource oid, casttarget oid, castfunc oid, castcontext
      char, castmethod char
    `,
  },
  pg_event_trigger: {
    id: 3466,
    columns: `
      oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid,
      evtenabled char, evttags _text
    `,
  },
  pg_foreign_data_wrapper: {
    id: 2328,
    columns: `
      oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator
      oid, fdwacl _aclitem, fdwoptions _text
    `,
  },
  pg_user_mapping: {
    id: 1418,
    columns: `
      oid oid, umuser oid, umserver oid, umoptions _text
    `,
  },
  pg_ts_config: {
    id: 3602,
    columns: `
      oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser
      oid
    `,
  },
  pg_ts_dict: {
    id: 3600,
    columns: `
      oid oid, dictname name, dictnamespace oid, dictowner oid,
      dicttemplate oid, dictinitoption text
    `,
  },
  pg_amop: {
    id: 2602,
    columns: `
      oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid,
      amopstrategy int2, amoppurpose char, amopopr oid, amopmethod oid,
      amopsortfamily oid
    `,
  },
  pg_amproc: {
    id: 2603,
    columns: `
      oid oid, amprocfamily oid, amproclefttype oid, amprocrighttype
      oid, amprocnum int2, amproc regproc
    `,
  },
  // Ours: snapshots with names.
  lsm_snapshots: {
    id: 16_300,
    columns: `
      name text, sequence int8, created_at timestamptz
    `,
  },
};
