/// The implementation of mpm4j: nothing in it is for applications.
@org.jspecify.annotations.NullMarked
module org.mpm4j.impl {
  requires org.mpm4j;
  requires static org.jspecify;
  requires org.jctools.core.jdk11;
  requires org.slf4j;
  requires java.management;
  requires jdk.jfr;
  requires jdk.management;
  requires jdk.net;
  requires jdk.unsupported;

  provides org.mpm4j.spi.MpmProvider with
      org.mpm4j.impl.StandardMpmProvider;
}
