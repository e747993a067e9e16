import Decisions
import Locks
import VectorStores

extension PostgresLog {
    /// How it stands with the mirror's file.
    struct Saving {
        /// The database that the mirror is of; `nil` while it is not known.
        var identity: String?
        /// Whether everything was read from the server since it was last written.
        var isDue = false
        /// The mirror's revision when it was last written or opened.
        var revision: UInt64 = 0
        /// How often the mirror's graph had been built anew by then.
        var builds: UInt64 = 0
        /// When that was, or when it was tried in vain.
        var lastTime = ContinuousClock.now
        /// Rows that were read from the server.
        var rowsRead = 0
        /// What was amiss with the file when the store was opened.
        var notice: String?
        /// Why it could not be written.
        var failure: StoreError?

        /// How long a file is left alone at least, unless the store is closed.
        private static let interval = Duration.seconds(600)

        /// Whether writing it is worth its time: some seconds for a million rows.
        func isWorthIt(revision now: UInt64, builds: UInt64, rows: Int, isClosing: Bool) -> Bool {
            let changes = Int(clamping: now &- revision)
            // What was built anew is in no other place.
            let isWanted = isDue || builds != self.builds
            if isClosing { return isWanted || changes > 0 && changes >= rows / 100 }
            if isWanted, failure == nil { return true }
            return changes > 0 && changes >= rows / 10 && .now - lastTime >= Self.interval
        }
    }

    /// The folder of what is kept of this address; `nil` where nothing is.
    var folder: String? {
        guard address.isSaved, let files = options.mirrorFiles else { return nil }
        return files.folder(of: address.description)
    }

    func isSaveDue(_ mirror: StoreMirror, isClosing: Bool) -> Bool {
        guard folder != nil, !address.readsFromStandby, let files = options.mirrorFiles,
            let facts = found.withLock({ $0 }), facts.tellsChanges, !facts.isStandby
        else { return false }
        let (rows, revision, builds) = (mirror.count, mirror.revision, mirror.builds)
        guard rows >= files.leastRows, isClosing || !mirror.isUnlinked, (queue?.count ?? 0) == 0 else {
            return false
        }
        return saving.withLock {
            $0.isWorthIt(revision: revision, builds: builds, rows: rows, isClosing: isClosing)
        }
    }

    func save(_ mirror: StoreMirror, isClosing: Bool) {
        let (revision, builds) = (mirror.revision, mirror.builds)
        guard let folder, isSaveDue(mirror, isClosing: isClosing), let note = note(rows: mirror.count) else {
            return
        }
        do throws(StoreError) {
            guard try mirror.save(in: folder, note: note.text, options: options) else { return }
            saving.withLock { saving in
                saving.isDue = false
                saving.revision = revision
                saving.builds = builds
                saving.lastTime = .now
                saving.failure = nil
            }
        } catch {
            saving.withLock { saving in
                saving.failure = error
                saving.lastTime = .now
            }
        }
    }

    /// What is to be written with the mirror; `nil` where the place is none to go on from.
    private func note(rows: Int) -> SavedNote? {
        guard let identity = saving.withLock({ $0.identity }) else { return nil }
        let tables = audit.withLock { $0.tables }
        return place.withLock { place in
            guard !place.isLost, place.unread.rows.isEmpty, !place.snapshot.isEmpty else { return nil }
            return SavedNote(
                identity: identity, snapshot: place.snapshot, layout: place.names.layout,
                savedAt: options.clock(), rows: rows, names: place.names.all,
                leftOut: place.leftOut.map { ($0.key.text, $0.value) }, tables: tables)
        }
    }

    // MARK: Opening

    /// Opens the saved mirror and reads what changed since; false where there is none that can be used.
    func openSaved(
        into mirror: StoreMirror, _ connection: PostgresConnection, refusal: inout StoreError?
    ) throws(PostgresError) -> Bool {
        guard let folder, facts.tellsChanges, !facts.isStandby else { return false }
        let identity = try identity(connection)
        saving.withLock { $0.identity = identity }
        guard let identity else { return false }
        let saved: SavedMirror
        let note: SavedNote
        do throws(StoreError) {
            guard let found = try SavedMirror(in: folder, options: options) else { return false }
            guard let read = SavedNote(found.note) else { return readAnew("its note is none") }
            saved = found
            note = read
        } catch {
            return readAnew(error.description)
        }
        guard note.identity == identity else { return readAnew("it is of another database or role") }
        guard try isFollowable(note.snapshot, connection) else {
            return readAnew("what changed since is no longer told")
        }
        try begin(MirrorCost(rows: note.rows, isSaved: true), refusal: &refusal)
        do throws(StoreError) {
            try saved.open(into: mirror)
        } catch {
            return readAnew(error.description)
        }
        take(note, of: mirror)
        try catchUpSaved(connection, mirror)
        return true
    }

    /// Opens the saved mirror while the server is away; false where the server was there.
    func openAway(into mirror: StoreMirror) throws(PostgresError) -> Bool {
        guard let failure = absence else { return false }
        guard let folder, let saved = try? SavedMirror(in: folder, options: options),
            let note = SavedNote(saved.note), (try? saved.open(into: mirror)) != nil
        else { throw failure }
        take(note, of: mirror)
        let age = max(0, options.clock().seconds - note.savedAt.seconds)
        saving.withLock { saving in
            saving.identity = note.identity
            saving.notice =
                "\(failure.description); what is shown is the mirror as it was saved "
                + "\(PrintedNumber.counted(Int(age), "second")) ago"
        }
        standing.withLock { standing in
            standing.rows = mirror.count
            standing.opened(age: .seconds(age))
            standing.failed(failure)
        }
        return true
    }

    private func readAnew(_ reason: String) -> Bool {
        saving.withLock { saving in
            saving.notice = "\(address): the saved mirror is not used, everything is read anew: \(reason)"
        }
        return false
    }

    private func take(_ note: SavedNote, of mirror: StoreMirror) {
        place.withLock { place in
            place.snapshot = note.snapshot
            place.names = RowNames(layout: note.layout)
            for (identity, rowID) in note.names { place.names.note(identity, rowID: rowID) }
            for (id, reason) in note.leftOut { place.leftOut[ByteKey(id)] = reason }
        }
        // Compared as soon as the server can be asked.
        audit.withLock { $0 = Audit(tables: note.tables, agreedAt: note.savedAt, nextTime: .now) }
        saving.withLock { saving in
            saving.revision = mirror.revision
            saving.builds = mirror.builds
            saving.lastTime = .now
        }
    }

    // MARK: The database

    /// Looks at a server that was away when the store was opened; where it is another than the mirror is of, or tells
    /// no more what changed, everything is read anew.
    func meet(_ connection: PostgresConnection) throws(PostgresError) {
        guard found.withLock({ $0 == nil }) else { return }
        let facts = try OpenedDatabase(connection, address: address, access: options.access)
        let identity = try identity(connection)
        let snapshot = place.withLock { $0.snapshot }
        var isSame = identity != nil && identity == saving.withLock { $0.identity }
        if isSame { isSame = try isFollowable(snapshot, connection) }
        if !isSame {
            place.withLock { $0.isLost = true }
            audit.withLock { $0.tables = nil }
        }
        saving.withLock { $0.identity = identity }
        found.withLock { $0 = facts }
    }

    /// Whether the server still tells all that changed since a snapshot, and has not gone back to before it.
    private func isFollowable(
        _ snapshot: String, _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        try connection.run(
            """
            select pg_snapshot_xmax(\(snapshot)::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot())
                and not coalesce((
                    select value::numeric > pg_snapshot_xmin(\(snapshot)::pg_snapshot)::text::numeric
                    from verdict_records where collection = 'verdict.mirror' and key = 'pruned'), false)
            """
        ).onlyRow().bool(0)
    }

    /// Which database it is and what of it may be seen, in one text; `nil` where the server does not tell.
    ///
    /// The same database restored from a backup, on another timeline, or seen by another role is another one.
    private func identity(_ connection: PostgresConnection) throws(PostgresError) -> String? {
        let tables = [Schema.vectors, Schema.inbox]
        do throws(PostgresError) {
            return try connection.run(
                """
                select concat_ws(' ', 'form 1', (select system_identifier from pg_control_system()),
                    (select oid from pg_database where datname = current_database()),
                    to_regclass(\(Schema.vectors))::oid, to_regclass(\(Schema.inbox))::oid,
                    to_regclass(\(Schema.changes))::oid, to_regclass(\(Schema.records))::oid,
                    case when pg_is_in_recovery() then 'standby'
                        else left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
                    quote_ident(current_user), quote_nullable(current_setting('verdict.tenant', true)),
                    (select string_agg(row_security_active(name)::text, ',') from unnest(\(tables)) as name),
                    (select md5(string_agg(policy::text, ',' order by policy::text))
                        from pg_policies as policy where policy.tablename = any(\(tables))),
                    (select md5(string_agg(rolname, ',' order by rolname)) from pg_roles
                        where pg_has_role(oid, 'member') and exists (
                            select from unnest(\(tables)) as name where row_security_active(name))))
                """
            ).onlyRow().text(0)
        } catch  where error.code == .permission || error.code == .missing {
            return nil
        }
    }
}
