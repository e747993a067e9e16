import Decisions
import TerminalUI
import VectorStores

extension ConsoleState {
    /// Checks the query as it is typed, so that the caret shows before anything is asked.
    mutating func checkQuery() {
        do {
            _ = try Query(parsing: search.editor.text, now: eventNow)
            search.problem = nil
        } catch {
            search.problem = error
        }
    }

    /// Asks what was typed; a query that cannot be read stays to be mended.
    mutating func submitQuery() -> [ConsoleRequest] {
        checkQuery()
        guard search.problem == nil else {
            search.isEditing = true
            return []
        }
        let text = search.editor.submit()
        search.editor.replace(with: text)
        search.asked = text
        search.isEditing = false
        return runSearch()
    }

    /// Goes back to the query that was last asked.
    mutating func revertQuery() {
        search.editor.replace(with: search.asked)
        search.problem = nil
    }

    /// Asks the question as it stands.
    mutating func runSearch() -> [ConsoleRequest] {
        guard let question = searchQuestion() else { return [] }
        // What was proved was another question.
        if search.page == .proof { search.page = .results }
        return [ask(.search(question), .search)]
    }

    /// The question as it stands; `nil` when its query cannot be read, which is then said.
    mutating func searchQuestion() -> SearchQuestion? {
        do {
            let text = search.isEditing ? search.asked : search.editor.text
            let typed = try Query(parsing: text, now: eventNow)
            return SearchQuestion(
                query: scoped(text.allSatisfy { $0 == " " } ? nil : typed), like: likeTarget,
                limit: search.limit, exact: search.exact)
        } catch {
            search.problem = error
            return nil
        }
    }

    private var likeTarget: SearchQuestion.LikeTarget? {
        search.like.map { SearchQuestion.LikeTarget(id: $0.id, tenant: $0.tenant) }
    }

    private func scoped(_ query: Query?) -> Query? {
        guard let scope else { return query }
        return query.map { Query.tenant(scope).and($0) } ?? .tenant(scope)
    }

    /// The screen answers before it is asked: it lists the newest, which are others after a while.
    mutating func firstSearch() -> [ConsoleRequest] {
        guard !ledger.isWaiting(.search) else { return [] }
        let isPlainList = search.like == nil && search.asked.allSatisfy { $0 == " " }
        let isOld = milliseconds - search.answeredMilliseconds >= SearchState.freshMilliseconds
        let isDue = search.outcome == nil || isPlainList && isOld && isOnResults && !search.isEditing
        return isDue ? runSearch() : []
    }
}
