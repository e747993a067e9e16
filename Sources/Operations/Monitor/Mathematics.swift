#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The binary logarithm.
func logBase2(_ value: Double) -> Double { log2(value) }

/// Two to a power.
func powerOf2(_ exponent: Double) -> Double { exp2(exponent) }
