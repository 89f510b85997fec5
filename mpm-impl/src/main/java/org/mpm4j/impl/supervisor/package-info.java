/// Keeps the right number of healthy children.
///
/// [org.mpm4j.impl.supervisor.Supervisor] is one thread that starts, watches and ends processes;
/// what it should do is decided by pure functions beside it.
package org.mpm4j.impl.supervisor;
