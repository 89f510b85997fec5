/// Tests of the meters.
@NullMarked
package org.mpm4j.examples.metrics;

import org.jspecify.annotations.NullMarked;
