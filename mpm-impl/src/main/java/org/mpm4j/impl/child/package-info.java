/// Moves connections inside one child: the three engines, and the process that runs one.
///
/// What becomes of a connection is decided in [org.mpm4j.impl.child.SocketConnection]; an engine
/// only decides who waits for it. Prefork and worker are one engine
/// ([org.mpm4j.impl.child.BlockingEngine]) with one thread or many; event
/// ([org.mpm4j.impl.child.EventEngine]) adds a listener that waits for all connections at once.
package org.mpm4j.impl.child;
