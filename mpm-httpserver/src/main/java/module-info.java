/// The JDK's `com.sun.net.httpserver` on the event model: see
/// [org.mpm4j.httpserver.MpmHttpServerProvider]. Nothing in it is for applications to call.
@org.jspecify.annotations.NullMarked
module org.mpm4j.httpserver {
  requires java.management;
  requires transitive jdk.httpserver;
  requires jdk.management;
  requires org.mpm4j;
  requires org.mpm4j.http;
  requires static org.jspecify;

  exports org.mpm4j.httpserver;

  provides com.sun.net.httpserver.spi.HttpServerProvider with
      org.mpm4j.httpserver.MpmHttpServerProvider;
}
