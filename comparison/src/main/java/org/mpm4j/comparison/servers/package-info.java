/// The servers that mpm4j is compared with, each a program of its own.
///
/// All take the arguments that [org.mpm4j.comparison.servers.ServerArguments] reads, answer
/// `/hello` with 13 bytes, `/sleep` after five milliseconds on a bounded number of threads, `/echo`
/// with the body of the request, and `/1m.bin` with that file.
@org.jspecify.annotations.NullMarked
package org.mpm4j.comparison.servers;
