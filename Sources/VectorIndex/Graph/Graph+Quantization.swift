internal import CVectorKernels

/// What a walk compares: a query and the codes of all nodes, in the same form.
@safe struct WalkTarget {
    let query: vk_query
    let codes: vk_codes
}

extension Graph {
    /// The scratch's vector against the codes that links are chosen by.
    @inline(__always)
    func fullTarget(_ scratch: SearchScratch) -> WalkTarget {
        unsafe WalkTarget(query: scratch.vector.query, codes: arena.view)
    }

    /// The scratch's vector against the codes that searches walk over: the smaller ones if there are any.
    func searchTarget(_ scratch: SearchScratch) -> WalkTarget {
        guard let quantized else { return fullTarget(scratch) }
        return unsafe WalkTarget(
            query: quantized.query(scratch, kernel), codes: quantized.view(offsets: arena.view.offsets))
    }

    /// The quantization that is in force: the configuration's, unless its codes are still to be made.
    var presentQuantization: Quantization {
        quantized?.quantization
            ?? (configuration.quantization.hasOwnCodes ? .none : configuration.quantization)
    }

    /// How much of making smaller codes is training, by what is told of its progress.
    private static let trainingShare = 0.3
    /// How many nodes each thread encodes before cancelling is looked at again.
    static let encodedAtOnce = 512

    /// Makes the smaller codes that the configuration asks for; false if it was cancelled.
    ///
    /// Centroids are trained on an even sample of the nodes, all nodes are then encoded on all threads.
    /// Without nodes there is nothing to train on, and codes of no centroid would tell nothing of what comes.
    func quantize(
        threads: Int, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(IndexError) -> Bool {
        quantized = nil
        guard configuration.quantization.hasOwnCodes,
            liveCount > 0 || !configuration.quantization.isTrained
        else { return true }
        var codebook: ProductCodebook?
        if configuration.quantization.isTrained {
            codebook = trainedCodebook(
                threads: threads, progress: { progress($0 * Graph.trainingShare) }, isCancelled: isCancelled)
            if codebook == nil { return false }
        }
        progress(Graph.trainingShare)
        let codes = try QuantizedCodes(
            configuration.quantization, stride: arena.stride, codebook: codebook, capacity: Graph.nodeLimit)
        let scratches = (0..<max(1, threads)).map { _ in SearchScratch(configuration, layout: arena.layout) }
        let block = Graph.encodedAtOnce * scratches.count
        for first in stride(from: 0, to: slotCount, by: block) {
            if isCancelled() { return false }
            let end = min(first + block, slotCount)
            WorkerThreads.run(scratches.count) { thread in
                for slot in stride(from: first + thread, to: end, by: scratches.count) {
                    encode(UInt32(slot), scratches[thread], into: codes)
                }
            }
            let share = Double(end) / Double(slotCount)
            progress(Graph.trainingShare + share * (1 - Graph.trainingShare))
        }
        quantized = codes
        return true
    }

    /// The centroids of the codes that the configuration asks for; nil where such codes have none, or if it was
    /// cancelled.
    func trainedCodebook(
        threads: Int, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) -> ProductCodebook? {
        guard configuration.quantization.isTrained else { return nil }
        return ProductCodebook(
            configuration.quantization, stride: arena.stride, sample: trainingSample(),
            seed: configuration.seed, kernel: kernel, threads: threads, progress: progress,
            isCancelled: isCancelled)
    }

    private func encode(_ slot: UInt32, _ scratch: SearchScratch, into codes: QuantizedCodes) {
        guard !isFree(slot) else { return }
        scratch.vector.load(slot, of: arena, kernel)
        codes.encode(scratch, kernel)
        codes.store(scratch.vector, slot: slot)
    }

    /// The vectors of nodes at even distances, at most as many as training reads.
    private func trainingSample() -> [Float] {
        let scratch = SearchScratch(configuration, layout: arena.layout)
        let live = (0..<UInt32(slotCount)).lazy.filter(isLive)
        var sample: [Float] = []
        sample.reserveCapacity(min(liveCount, ProductCodebook.sampleLimit) * arena.stride)
        for (number, slot) in live.enumerated()
        where ProductCodebook.isSampled(number, of: liveCount) {
            scratch.vector.load(slot, of: arena, kernel)
            let values = unsafe scratch.floats(count: arena.stride)
            unsafe scratch.vector.writeFloats(to: values)
            unsafe sample.append(contentsOf: UnsafeBufferPointer(start: values, count: arena.stride))
        }
        return sample
    }
}
