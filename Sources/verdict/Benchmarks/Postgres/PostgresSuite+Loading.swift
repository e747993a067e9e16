import Decisions
import Operations
import PostgresStore
import VectorStores

/// Loading much at once, and what is built over it.
extension PostgresSuite {
    /// The least and the most memory that a session gets which builds an index.
    private static let indexMemory = (64 << 20)...(6 << 30)

    /// Loads all rows: before all indexes and under that of the metadata, into a plain table and into the store's,
    /// whose triggers tell of each row; then builds all indexes.
    func measureLoading() async throws {
        try await pool.perform { connection throws(PostgresError) in
            try connection.script(
                """
                create table plain (
                    id text primary key, embedding vector(384) not null, metadata jsonb,
                    created_at timestamp default now()
                ) with (toast_tuple_target = 8160);
                drop index decision_vectors_embedding_hnsw, decision_vectors_tenant
                """)
        }
        let plainCopy: SQL = "copy plain from stdin (format binary)"
        let copy: SQL = "copy decision_vectors from stdin (format binary)"
        try tellCopy("plain", "none", seconds: try await self.copy(plainCopy, sample))
        try await pool.perform { connection throws(PostgresError) in
            try connection.script(
                "truncate plain; create index plain_metadata on plain using gin (metadata jsonb_path_ops)")
        }
        try tellCopy("plain", "gin", seconds: try await self.copy(plainCopy, sample))
        // What is written into it later is beside no index.
        try await pool.perform { connection throws(PostgresError) in
            try connection.script("drop index plain_metadata")
        }
        try tellCopy("decision_vectors", "gin", seconds: try await self.copy(copy, sample))
        try await pool.perform { connection throws(PostgresError) in
            try connection.script(
                """
                truncate decision_vectors; truncate verdict_changes; drop index decision_vectors_metadata_gin
                """)
        }
        try tellCopy("decision_vectors", "none", seconds: try await self.copy(copy, sample))
        // Whoever opens the store reads all of it, and not what led there.
        try await pool.perform { connection throws(PostgresError) in
            try connection.script("truncate verdict_changes")
            _ = try connection.run("vacuum analyze decision_vectors")
        }
        try await build(
            "gin",
            "create index decision_vectors_metadata_gin on decision_vectors using gin (metadata jsonb_path_ops)",
            "decision_vectors_metadata_gin")
        try await build(
            "tenant", "create index decision_vectors_tenant on decision_vectors ((metadata->>'tenant'))",
            "decision_vectors_tenant")
        try await build(
            "hnsw",
            """
            create index decision_vectors_embedding_hnsw on decision_vectors
            using hnsw (embedding vector_cosine_ops) with (m = 16, ef_construction = 64)
            """, "decision_vectors_embedding_hnsw")
    }

    /// Builds the index of neighbours anew, as a running server would.
    func measureRebuild() async throws {
        try await build(
            "reindex", "reindex index concurrently decision_vectors_embedding_hnsw",
            "decision_vectors_embedding_hnsw")
    }

    private func tellCopy(_ table: String, _ indexes: String, seconds: Double) throws {
        try tell(
            "copy",
            [
                "table": .string(table), "indexes": .string(indexes),
                "seconds": Self.figure(seconds, 2),
                "rows_per_s": Self.figure(Double(sample.count) / seconds, 0),
            ])
    }

    /// Writes entries by one COPY; answers how long it took, with encoding them.
    func copy(_ statement: SQL, _ entries: [Entry]) async throws(PostgresError) -> Double {
        try await pool.perform { connection throws(PostgresError) in
            let began = ContinuousClock().now
            try connection.copyIn(statement) { writer throws(PostgresError) in
                for entry in entries { try Self.append(entry, to: &writer) }
            }
            return began.secondsUntilNow
        }
    }

    private static func append(_ entry: Entry, to writer: inout CopyWriter) throws(PostgresError) {
        let stored = StoredDecision(
            decision: entry.decision, embedding: entry.embedding, storedID: entry.decision.id)
        try writer.beginRow(columns: 4)
        writer.append(.text(stored.storedID))
        writer.append(vector: entry.embedding.floats)
        writer.append(raw: [1] + stored.archivedMetadata(id: stored.storedID))
        writer.append(.timestamp(microseconds: (entry.decision.time.seconds - 946_684_800) * 1_000_000))
    }

    /// Builds an index with the memory that the store advises for the index of neighbours.
    private func build(_ name: String, _ statement: SQL, _ index: String) async throws {
        let bytes = ServerSettings.graphBytes(rows: options.decisions)
        let memory = min(max(bytes, Self.indexMemory.lowerBound), Self.indexMemory.upperBound)
        let (seconds, size, workers) = try await pool.perform {
            connection throws(PostgresError) -> (Double, Int, Int) in
            let setting = "\(memory / 1_048_576 + 1)MB"
            _ = try connection.run("select set_config('maintenance_work_mem', \(setting), false)")
            let began = ContinuousClock().now
            _ = try connection.run(statement)
            let seconds = began.secondsUntilNow
            let row = try connection.run(
                """
                select pg_relation_size(\(index)::regclass),
                    current_setting('max_parallel_maintenance_workers')::int8
                """
            ).onlyRow()
            return (seconds, try row.int(0), try row.int(1))
        }
        try tell(
            "index",
            [
                "name": .string(name), "seconds": Self.figure(seconds, 2),
                "mb": Self.figure(Double(size) / 1e6), "memory_mb": Self.figure(Double(memory) / 1e6, 0),
                "parallel_workers": .integer(workers),
            ])
    }
}
