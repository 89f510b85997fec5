/// HTTP/1.1 messages on connections: reading the head and the body of requests, the pieces of
/// responses, and dates.
@NullMarked
package org.mpm4j.http;

import org.jspecify.annotations.NullMarked;
