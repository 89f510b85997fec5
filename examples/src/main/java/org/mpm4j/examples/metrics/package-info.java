/// What a server is doing, for the metrics of an application that embeds it.
@NullMarked
package org.mpm4j.examples.metrics;

import org.jspecify.annotations.NullMarked;
