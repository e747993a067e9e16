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

    /// Makes the smaller codes that the configuration asks for; false if it was cancelled.
    ///
    /// Centroids are trained on an even sample of the nodes, all nodes are then encoded on all threads. Without
    /// nodes there is nothing to train on, and codes of no centroid would tell nothing of what comes.
    func quantize(
        threads: Int, progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws(IndexError) -> Bool {
        quantized = nil
        guard configuration.quantization.hasOwnCodes,
            liveCount > 0 || !configuration.quantization.isTrained
        else { return true }
        let codebook = trainedCodebook(threads: threads)
        progress(0.3)
        if isCancelled() { return false }
        let codes = try QuantizedCodes(
            configuration.quantization, stride: arena.stride, codebook: codebook, capacity: Graph.nodeLimit)
        let workers = max(1, threads)
        WorkerThreads.run(workers) { thread in
            let scratch = SearchScratch(configuration, layout: arena.layout)
            for slot in stride(from: UInt32(thread), to: UInt32(slotCount), by: workers) where !isFree(slot) {
                scratch.vector.load(slot, of: arena, kernel)
                codes.encode(scratch, kernel)
                codes.store(scratch.vector, slot: slot)
            }
        }
        quantized = codes
        progress(1)
        return true
    }

    /// The centroids of the codes that the configuration asks for; nil where such codes have none.
    func trainedCodebook(threads: Int) -> ProductCodebook? {
        guard configuration.quantization.isTrained else { return nil }
        return ProductCodebook(
            configuration.quantization, stride: arena.stride, sample: trainingSample(),
            seed: configuration.seed, kernel: kernel, threads: threads)
    }

    /// The vectors of nodes at even distances, at most as many as training reads.
    private func trainingSample() -> [Float] {
        let scratch = SearchScratch(configuration, layout: arena.layout)
        let step = max(1, (liveCount + ProductCodebook.sampleLimit - 1) / ProductCodebook.sampleLimit)
        let live = (0..<UInt32(slotCount)).lazy.filter(isLive)
        var sample: [Float] = []
        sample.reserveCapacity(min(liveCount, ProductCodebook.sampleLimit) * arena.stride)
        for (number, slot) in live.enumerated() where number % step == 0 {
            scratch.vector.load(slot, of: arena, kernel)
            let values = unsafe scratch.floats(count: arena.stride)
            unsafe scratch.vector.writeFloats(to: values)
            unsafe sample.append(contentsOf: UnsafeBufferPointer(start: values, count: arena.stride))
        }
        return sample
    }
}
