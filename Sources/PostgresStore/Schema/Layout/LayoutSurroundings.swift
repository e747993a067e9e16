/// What there is around the user's table that a layout by tenant must know of.
struct LayoutSurroundings: Sendable, Hashable {
    /// What would stay with the table from before: columns, triggers, views and the like, in words.
    var hindrances: [String] = []
    /// The size of the user's table with its indexes, in bytes.
    var bytes = 0
    /// Whether the database has Citus.
    var hasCitus = false
    /// Whether policies may hide rows from whoever migrates.
    var isBoundByPolicies = false

    /// Reads what there is.
    init(reading connection: PostgresConnection) throws(PostgresError) {
        let row = try connection.run(
            """
            select coalesce(pg_total_relation_size(to_regclass('decision_vectors')), 0),
                exists (select from pg_extension where extname = 'citus'),
                coalesce(row_security_active(to_regclass('decision_vectors')::oid), false)
            """
        ).onlyRow()
        bytes = try row.int(0)
        hasCitus = try row.bool(1)
        isBoundByPolicies = try row.bool(2)
        let found = try connection.run(
            """
            select 'column ' || attname from pg_attribute
            where attrelid = to_regclass('decision_vectors') and attnum > 0 and not attisdropped
                and attname not in ('id', 'embedding', 'metadata', 'created_at')
            union all
            select 'a right on column ' || attname from pg_attribute
            where attrelid = to_regclass('decision_vectors') and attacl is not null
            union all
            select 'the default of column ' || attname from pg_attrdef
            join pg_attribute on attrelid = adrelid and attnum = adnum
            where adrelid = to_regclass('decision_vectors') and attname <> 'created_at'
            union all
            select 'constraint ' || conname from pg_constraint
            where conrelid = to_regclass('decision_vectors') and contype in ('c', 'u', 'x')
                and conname <> 'decision_vectors_embedding_check'
            union all
            select distinct 'what depends on it, ' || pg_describe_object(classid, objid, objsubid) from pg_depend
            where refobjid = to_regclass('decision_vectors')
                and classid in ('pg_proc'::regclass, 'pg_policy'::regclass)
                and not (classid = 'pg_policy'::regclass and objid in (
                    select oid from pg_policy where polrelid = to_regclass('decision_vectors')))
            union all
            select 'trigger ' || tgname from pg_trigger
            where tgrelid = to_regclass('decision_vectors') and not tgisinternal and tgname !~ '^verdict_'
            union all
            select distinct 'view ' || rule.ev_class::regclass from pg_depend as use
            join pg_rewrite as rule on rule.oid = use.objid
            where use.classid = 'pg_rewrite'::regclass and use.refobjid = to_regclass('decision_vectors')
                and rule.ev_class <> use.refobjid
            union all
            select 'rule ' || rulename from pg_rewrite
            where ev_class = to_regclass('decision_vectors') and rulename <> '_RETURN'
            union all
            select 'foreign key ' || conname from pg_constraint
            where contype = 'f' and to_regclass('decision_vectors') in (conrelid, confrelid)
            union all
            select 'policy ' || polname from pg_policy
            where polrelid = to_regclass('decision_vectors')
                and polname not in ('verdict_tenant', 'verdict_all_tenants')
            union all
            select 'publication ' || pubname from pg_publication_rel
            join pg_publication as publication on publication.oid = prpubid
            where prrelid = to_regclass('decision_vectors')
            union all
            select 'child table ' || inhrelid::regclass from pg_inherits
            where inhparent = to_regclass('decision_vectors')
            """)
        for row in found.rows { hindrances.append(try row.text(0)) }
    }
}
