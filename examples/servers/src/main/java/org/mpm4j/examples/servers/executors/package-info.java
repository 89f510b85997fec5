/// Servers whose requests run on a [org.mpm4j.WorkerPool].
@NullMarked
package org.mpm4j.examples.servers.executors;

import org.jspecify.annotations.NullMarked;
