/// The example program as a module.
module hello {
  requires jdk.httpserver; // for HelloHttp and HelloPool
  requires org.mpm4j;

  opens hello; // org.mpm4j.impl builds the application in the children
}
