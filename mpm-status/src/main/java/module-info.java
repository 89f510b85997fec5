/// What a server is doing, for people and for monitoring systems.
///
/// - [org.mpm4j.status.StatusServer] answers on a port of its own, also while all workers are busy;
/// - [org.mpm4j.status.StatusPage] renders for a server that has a place for the page;
/// - [org.mpm4j.status.Require] says who may see it, in httpd's words;
/// - [org.mpm4j.status.MpmMXBean] is for JMX.
///
/// All of them show an [org.mpm4j.MpmStatus] and know nothing else of a server.
@org.jspecify.annotations.NullMarked
module org.mpm4j.status {
  requires transitive org.mpm4j;
  requires static org.jspecify;
  requires com.fasterxml.jackson.core;
  requires io.prometheus.metrics.model;
  requires io.prometheus.writer.text;
  requires transitive java.management;
  requires jdk.httpserver;

  exports org.mpm4j.status;
}
