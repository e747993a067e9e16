import PostgresStore
import PostgresTesting
import Testing

extension Commands {
    /// `verdict search` goes by the rule of every other command where an address names several servers.
    @Suite struct StandbySearch {
        private func search(_ store: String) async throws -> (count: Int, errors: String) {
            let run = try await verdict("search", "--store", store, "--json", "-k", "50")
            #expect(run.status == 0, "\(run.errors)")
            return (try run.object()["results"].items.count, run.errors)
        }

        private func connect(_ server: PostgresServer) throws -> PostgresConnection {
            try PostgresConnection.open(try PostgresServerAddress(server.address()))
        }

        @Test func `search asks a standby only where that is asked for and near enough, and says so`()
            async throws
        {
            let primary = try PostgresServer(.fifteen)
            let database = try StoreDatabase(on: primary)
            let standby = try PostgresServer(.fifteen, following: primary, as: "one")
            defer {
                for server in [standby, primary] { try? server.stop(.immediate) }
            }
            defer { database.drop() }
            let folder = try TemporaryFolder()
            let files = [
                try folder.write(NativeLog.routine(20), to: "a.jsonl"),
                try folder.write(NativeLog.routine(10, prefix: "s"), to: "b.jsonl"),
            ]
            let first = try await verdict("ingest", "--store", database.address, files[0])
            #expect(first.status == 0, "\(first.errors)")
            let (writing, reading) = try (connect(primary), connect(standby))
            while try writing.run(
                """
                select count(*), pg_sleep(0.02) from pg_stat_replication
                where replay_lsn = pg_current_wal_lsn()
                """
            ).onlyRow().int(0) == 0 {}
            try reading.run("select pg_wal_replay_pause()")
            while try reading.run("select pg_get_wal_replay_pause_state(), pg_sleep(0.02)").onlyRow().text(0)
                != "paused"
            {}
            let second = try await verdict("ingest", "--store", database.address, files[1])
            #expect(second.status == 0, "\(second.errors)")
            // The standby will never have the second file.
            while try !reading.run(
                """
                select clock_timestamp() - pg_last_xact_replay_timestamp() > interval '2 seconds', pg_sleep(0.02)
                """
            ).onlyRow().bool(0) {}

            let hosts = [standby, primary].map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
            let store = "postgres://postgres@\(hosts)/\(database.database.name)"
            for parameters in ["", "?readers=standby&staleness=1"] {
                let answer = try await search(store + parameters)
                #expect(answer.count == 30 && answer.errors.isEmpty, "\(parameters): \(answer.errors)")
            }
            let patient = try await search(store + "?readers=standby&staleness=3600")
            #expect(patient.count == 20)
            let notice = "verdict: the standby 127.0.0.1:\(standby.port) answers, at most "
            #expect(patient.errors.hasPrefix(notice), "\(patient.errors)")
            #expect(patient.errors.contains("behind the primary"), "\(patient.errors)")
            let alone = try await search(standby.address(database: database.database.name))
            #expect(alone.count == 20 && alone.errors.hasPrefix(notice), "\(alone.errors)")
        }
    }
}
