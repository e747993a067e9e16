import AnomalyDetection
import Operations
import VectorStores

/// Turns a question into a call of the client, and what comes of it into an answer.
struct ConsoleAnswerer: Sendable {
    let client: any ConsoleClient

    /// Asks; an error becomes its one sentence.
    @concurrent
    func answer(_ question: ConsoleQuestion) async -> ConsoleAnswer {
        do {
            return try await ask(question)
        } catch is CancellationError {
            return .failed("stopped before an answer came")
        } catch {
            return .failed("\(error)")
        }
    }

    private func ask(_ question: ConsoleQuestion) async throws -> ConsoleAnswer {
        switch question {
        case .search(let question): return .search(SearchOutcome(try await client.search(question.request)))
        case .members(let ids, let tenant):
            return .members(try await client.decisions(ids: ids, tenant: tenant))
        case .triage(let order, let person):
            return .triaged(try await client.triage(order, by: person))
        case .teach(let order, let person): return .taught(try await client.teach(order, by: person))
        case .rehearsal: return .rehearsal(Rehearsal(try await client.tuningHistory()))
        case .rehearse(let rehearsal, let tuning): return .rehearsed(rehearsal.outcome(of: tuning))
        case .previewRule(let rehearsal, let fields):
            // While a key is held down each rule is asked for: those that nobody waits for are not counted.
            try Task.checkCancellation()
            return .rulePreviewed(RulePreview(of: fields, on: rehearsal))
        case .rebuild(let request, let person):
            return .jobStarted(try await client.startRebuild(request, by: person))
        case .cancelJob(let id):
            await client.cancelJob(id)
            return .done
        case .recallCurve(let breadths):
            return .recallCurve(try await client.recallCurve(breadths: breadths))
        case .setRecall(let target, let person):
            return .recallTuned(try await client.setRecall(target, by: person))
        case .setRecording(let mode, let tenant, let person):
            return .recording(try await client.setRecording(mode, tenant: tenant, by: person), of: tenant)
        case .reload(let person): return .reloaded(try await client.reload(by: person))
        case .activity(let request): return .activity(try await client.activity(request))
        case .policies(let tenant): return .policies(try await client.policies(tenant: tenant))
        case .reach(let incident): return .reach(try await client.reach(of: incident))
        case .flips(let incident): return .flips(try await client.flips(of: incident))
        case .flipScore(let incident, let changes):
            return .flipScore(try await client.score(of: incident, after: changes))
        case .hunt(let question): return .hunted(try await client.hunt(question))
        case .changeHunts(let order, let person):
            return .huntChanged(try await client.change(hunts: order, by: person))
        case .export(let text, let name):
            return .exported(path: try await client.export(text, suggestedName: name))
        case .openLog(let path, let follow):
            try await client.openLog(path: path, follow: follow)
            return .done
        case .startDemo:
            try await client.startDemo()
            return .done
        }
    }
}

extension SearchQuestion {
    /// The question as the store is asked.
    var request: SearchRequest {
        SearchRequest(
            target: like.map { .like(id: $0.id, tenant: $0.tenant) }, query: query, limit: limit,
            exact: exact, forcesGraph: forcesGraph)
    }
}
