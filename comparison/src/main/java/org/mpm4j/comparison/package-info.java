/// mpm4j beside other HTTP servers: the runner of `bin/compare`.
///
/// What is measured is read by [org.mpm4j.comparison.ServerProcess] and the load generators;
/// everything that is decided or rendered from it is a pure function.
@org.jspecify.annotations.NullMarked
package org.mpm4j.comparison;
