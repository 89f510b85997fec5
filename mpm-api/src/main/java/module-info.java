/// What an embedder of mpm4j compiles against.
///
/// - [org.mpm4j.Mpm] starts and stops a server under one of Apache's three process models;
/// - [org.mpm4j.MpmConfig] is its configuration, in httpd's words;
/// - [org.mpm4j.ServerApplication] is what the embedder writes: built once in every child, it opens
///   the [org.mpm4j.ConnectionHandler] that serves [org.mpm4j.Connection]s and says with a
///   [org.mpm4j.Disposition] what becomes of each;
/// - [org.mpm4j.HostedServer] is what it writes instead to run a whole server in every child.
///
/// The module depends on nothing. An implementation is found through [java.util.ServiceLoader]; add
/// the artifact `mpm-impl`.
@org.jspecify.annotations.NullMarked
module org.mpm4j {
  requires static org.jspecify;

  exports org.mpm4j;
  exports org.mpm4j.spi;

  uses org.mpm4j.spi.MpmProvider;
}
