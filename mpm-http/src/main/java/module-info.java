/// HTTP/1.1 messages on connections: what the servers of mpm4j share. Not an API.
@org.jspecify.annotations.NullMarked
module org.mpm4j.http {
  requires transitive org.eclipse.jetty.http;
  requires transitive org.mpm4j;
  requires static org.jspecify;

  exports org.mpm4j.http to
      org.mpm4j.httpserver;
}
