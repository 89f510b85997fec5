/// A small HTTP/1.1 server on mpm4j, in the manner of Apache httpd: static files, a few handlers
/// for trying things out, and a command line.
///
/// [org.mpm4j.examples.httpd.HttpApplication] is what the children run and the place to start
/// reading; [org.mpm4j.examples.httpd.Main] is the command line.
@NullMarked
package org.mpm4j.examples.httpd;

import org.jspecify.annotations.NullMarked;
