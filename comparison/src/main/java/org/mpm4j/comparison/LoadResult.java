package org.mpm4j.comparison;

/// What a load generator saw.
///
/// @param requests that were answered
/// @param seconds that it took
/// @param p50Micros the median of the time to an answer
/// @param p99Micros its 99th percentile
/// @param p999Micros its 99.9th percentile
/// @param socketErrors connections that could not be made or broke, and answers that took too long
/// @param badStatuses answers that are no success
record LoadResult(
    long requests,
    double seconds,
    long p50Micros,
    long p99Micros,
    long p999Micros,
    long socketErrors,
    long badStatuses) {
  double requestsPerSecond() {
    return seconds == 0 ? 0 : requests / seconds;
  }

  long errors() {
    return socketErrors + badStatuses;
  }
}
