package org.mpm4j.spi;

import java.time.Duration;

/// What [org.mpm4j.WorkerPool.Builder] was told, checked: `0 <= minSpareThreads <= maxSpareThreads
/// <= maxThreads`, and everything within its limits.
///
/// @param minSpareThreads how many idle threads are kept ahead of need
/// @param maxSpareThreads how many threads may stay idle
/// @param maxThreads how many threads there may be
/// @param queueCapacity how many tasks may wait
/// @param idleTime how long threads are watched before those that are too many end
/// @param threadNamePrefix what the threads are called
public record WorkerPoolSettings(
    int minSpareThreads,
    int maxSpareThreads,
    int maxThreads,
    int queueCapacity,
    Duration idleTime,
    String threadNamePrefix) {}
