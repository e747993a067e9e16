internal import Decisions

/// An incident told in the traffic: who does what out of the ordinary, beat by beat.
struct Scene: Sendable {
    /// The name its decisions are labelled with.
    let incident: String
    let tenant: Int
    let principal: String
    /// Where it comes from; `nil` is where the principal always is.
    let address: String?
    let agent: String?
    let beats: [Beat]

    /// One request of the story.
    struct Beat: Sendable {
        /// When, in milliseconds after the scene began.
        let offsetMilliseconds: Int64
        let kind: String
        let id: String
        let action: String
        /// The region whose resources it asks for; `nil` is the company's own.
        var region: Company.Region?
    }

    /// The beats at a steady pace, a little uneven.
    static func beats(
        _ requests: [(kind: String, id: String, action: String)], everyMilliseconds pace: Int,
        random: inout SeededRandom
    ) -> [Beat] {
        requests.enumerated().map { place, request in
            Beat(
                offsetMilliseconds: Int64(place * pace + random.below(max(1, pace / 2))),
                kind: request.kind, id: request.id, action: request.action)
        }
    }
}

/// A beat with its time, ready to be asked.
struct Cue: Sendable {
    let time: Timestamp
    let scene: Scene
    let beat: Scene.Beat

    /// The beats of a scene that begins at a time.
    static func cues(of scene: Scene, from start: Timestamp) -> [Cue] {
        scene.beats.map { beat in
            let nanoseconds =
                Int64(start.nanoseconds) + beat.offsetMilliseconds % 1_000 * 1_000_000
            return Cue(
                time: Timestamp(
                    seconds: start.seconds + beat.offsetMilliseconds / 1_000 + nanoseconds / 1_000_000_000,
                    nanoseconds: Int32(nanoseconds % 1_000_000_000)),
                scene: scene, beat: beat)
        }
    }
}

extension World {
    /// The request a story makes; a principal or kind the world does not have is a mistake in the story.
    func arrival(_ cue: Cue, id: String, random: inout SeededRandom) -> Arrival {
        let company = companies[cue.scene.tenant % companies.count]
        let everyone = company.people + company.services
        guard let actor = everyone.first(where: { $0.principal.id == cue.scene.principal }),
            let kind = ResourceKind.catalogue[cue.beat.kind]
        else { preconditionFailure("the story names someone or something the world does not have") }
        var request = AccessRequest(
            id: id, time: cue.time, tenant: company.name, principal: actor.principal,
            resource: Resource(
                kind: kind.name, id: cue.beat.id,
                scope: "\((cue.beat.region ?? company.region).rawValue).\(kind.area)"),
            actions: [cue.beat.action])
        request.principalAttributes = actor.attributes
        request.resourceAttributes = attributes(of: cue.beat.id, in: company, owner: nil)
        request.source = Source(
            ip: cue.scene.address ?? actor.addresses[0], agent: cue.scene.agent ?? actor.agents[0],
            format: "verdict")
        return Arrival(
            request: request, durationNanoseconds: Int64(280_000 + 1_000 * random.below(600)), cacheHit: false
        )
    }
}
