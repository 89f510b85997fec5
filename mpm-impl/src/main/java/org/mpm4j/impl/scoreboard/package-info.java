/// The shared truth of a server: one mapped file that the supervisor and its children write and
/// anyone may read.
package org.mpm4j.impl.scoreboard;
